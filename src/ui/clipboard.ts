/** Copies a text. False: the browser does not let the page; most do on https and on loopback only. */
export async function copied(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
