/** Files kept with runs: to be saved, and never to be shown as a page, whatever they say that they are. */

import type { Content } from './exchange.js';

/** A file's bytes, under the name that it had. */
export interface SavedFile {
  /** Its own type is always `application/octet-stream`, so that a browser runs nothing of it. */
  blob: Blob;
  name: string;
  /** What was recorded of its type: not to be trusted. */
  mediaType: string;
}

const UNKNOWN = 'application/octet-stream';

/** Gives the file that an answer holds. */
export function savedFile({ bytes, headers }: Content): SavedFile {
  return {
    blob: new Blob([bytes], { type: UNKNOWN }),
    name: nameIn(headers.get('Content-Disposition') ?? ''),
    mediaType: headers.get('X-Maestro-Media-Type') ?? UNKNOWN
  };
}

/** Gives the name that a `Content-Disposition` tells, as RFC 6266 writes it. */
export function nameIn(disposition: string): string {
  const told = /filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  try {
    return told === undefined ? 'file' : decodeURIComponent(told);
  } catch {
    return 'file';
  }
}
