/** The client of a Maestro server, whatever it runs in: it needs `fetch`, `WebSocket` and nothing of Jupyter's. */

export { MaestroClient } from './client.js';
export { MaestroError } from './errors.js';
export type { Connection, Options } from './exchange.js';
export type { SavedFile } from './files.js';
export type { Following, State, Told } from './follow.js';
export type * from './models.js';
export type { Points } from './points.js';
export type { Pace } from './waiting.js';
