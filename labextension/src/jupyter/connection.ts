/** The way to the Jupyter server that JupyterLab itself uses: its base URL, its token, its XSRF cookie. */

import { ServerConnection } from '@jupyterlab/services';
import type { Connection } from '../api/index.js';

const ROOT = 'maestro/api/v1/';

/** Gives the connection that some settings describe; without any, the page's own. */
export function jupyterConnection(
  settings: ServerConnection.ISettings = ServerConnection.makeSettings()
): Connection {
  return {
    send: (address, init) =>
      // The default, `no-store`, adds a parameter to the address, and the server refuses those it does not know.
      ServerConnection.makeRequest(under(settings.baseUrl, address), { ...init, cache: 'default' }, settings),
    open: address => new settings.WebSocket(withToken(under(settings.wsUrl, address), settings))
  };
}

function under(base: string, address: string): string {
  return `${base.replace(/\/?$/, '/')}${ROOT}${address}`;
}

/** Adds the token where no cookie says who one is: a browser sends no headers with a WebSocket. */
function withToken(url: string, { appendToken, token }: ServerConnection.ISettings): string {
  if (!appendToken || token === '') return url;
  return `${url}${url.includes('?') ? '&' : '?'}token=${encodeURIComponent(token)}`;
}
