/** What the browser keeps for this page. Null where it refuses; then things live as long as the page. */

export function ownStorage(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

export function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
