/** Lists that come page by page. */

/** Gives page after page, each asked for only when the one before is used up. */
export async function* pages<Page extends { cursor: string | null }>(
  ask: (cursor: string | undefined) => Promise<Page>
): AsyncGenerator<Page, void, undefined> {
  let cursor: string | undefined;
  do {
    const page = await ask(cursor);
    yield page;
    cursor = page.cursor ?? undefined;
  } while (cursor !== undefined);
}
