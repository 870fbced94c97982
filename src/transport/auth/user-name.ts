/** Names that may own a directory and be a header's value: each that Forgejo gives fits. */
const USER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

export function isUserName(name: string): boolean {
  return USER_NAME.test(name);
}
