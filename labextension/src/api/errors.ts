/** What can go wrong, said as the server says it: a message, a reason and a hint. */

/** Something that the server refuses, or that keeps it from answering. */
export class MaestroError extends Error {
  override name = 'MaestroError';

  constructor(
    message: string,
    /** One word, such as `not_found`; the same for the same kind of error. */
    readonly reason: string,
    /** What to do about it; empty where nothing is known. */
    readonly hint = '',
    /** Of HTTP; 0 where there was no answer. */
    readonly status = 0,
    /** After how many seconds to ask again, where the server says so. */
    readonly retryAfter?: number,
    options?: ErrorOptions
  ) {
    super(message, options);
  }

  /** Whether the same may go well later without anybody's doing: the server restarts, or is busy. */
  get passes(): boolean {
    // JupyterHub answers 424 for a server that does not run.
    return [0, 408, 424, 429].includes(this.status) || this.status >= 500;
  }
}

/** Something that cannot be asked at all. */
export function invalid(message: string, hint = '', options?: ErrorOptions): MaestroError {
  return new MaestroError(message, 'invalid', hint, 400, undefined, options);
}

/** No answer has come. */
export function unreachable(cause: unknown): MaestroError {
  const hint = 'See that it runs, and that the network is up.';
  return new MaestroError('The Jupyter server cannot be reached.', 'unavailable', hint, 0, undefined, {
    cause
  });
}

/** An answer is none of Maestro's. */
export function unreadable(status: number, cause: unknown): MaestroError {
  const message = "The server's answer cannot be understood.";
  const hint = 'Its version of Maestro may be another one.';
  return new MaestroError(message, 'unavailable', hint, status, undefined, { cause });
}

/** Gives the error that an answer tells of, whoever has sent it: Maestro, the Jupyter server or a proxy. */
export function errorOf({ status, headers }: Response, body: string): MaestroError {
  const said = saidIn(body);
  const wait = retryAfter(headers.get('Retry-After'), Date.now());
  if (said === undefined && status === 404) {
    const hint = 'Run `jupyter server extension enable maestro_jupyter`, and start the Jupyter server anew.';
    return new MaestroError('This Jupyter server has no Maestro.', 'not_found', hint, status, wait);
  }
  if (said === undefined && (status === 401 || status === 403)) {
    const hint = 'Log in again, or check the token.';
    return new MaestroError('The Jupyter server does not let you in.', 'forbidden', hint, status, wait);
  }
  const message = said?.message ?? `The server answers with status ${String(status)}.`;
  return new MaestroError(message, said?.reason ?? 'unavailable', said?.hint, status, wait);
}

/** Gives the seconds of a `Retry-After`, which is a number of them or a date; undefined if it is neither. */
export function retryAfter(header: string | null, now: number): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const then = header.endsWith('GMT') ? Date.parse(header) : NaN;
  return Number.isNaN(then) ? undefined : Math.max(0, (then - now) / 1000);
}

/** Gives what Maestro says in each of its errors; undefined if a text is none of them. */
export function saidIn(body: string): { message: string; reason: string; hint: string } | undefined {
  try {
    const { message, reason, hint } = JSON.parse(body) as Record<string, unknown>;
    if (typeof message !== 'string' || typeof reason !== 'string' || typeof hint !== 'string') {
      return undefined;
    }
    return { message, reason, hint };
  } catch {
    return undefined;
  }
}
