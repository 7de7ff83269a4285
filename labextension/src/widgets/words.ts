/** The words of what is shown in JupyterLab's panels and in notebooks alike: the panels translate them. */

/** What JupyterLab's translator can do, as far as it is needed. */
export interface Words {
  __(text: string, ...parts: unknown[]): string;
  _n(one: string, many: string, count: number, ...parts: unknown[]): string;
}

/** The words as they are written: a notebook's outputs know no translator. */
export const PLAIN: Words = {
  __: (text, ...parts) => filled(text, parts),
  _n: (one, many, count, ...parts) => filled(count === 1 ? one : many, [count, ...parts])
};

function filled(text: string, parts: readonly unknown[]): string {
  return text.replace(/%(\d)/g, (_, place: string) => String(parts[Number(place) - 1]));
}
