/**
 * Statements that come again and again, which the database would plan for longer than it takes to do them. They are
 * prepared, once a connection, where a connection stays the client's; past a pooler that hands connections out per
 * transaction they are sent whole.
 */
const names = new Map<string, string>();

/** @param sql It names its columns: a plan does not outlive a change of what `*` stands for. */
export function often(sql: string): string {
  if (!names.has(sql)) names.set(sql, `often_${names.size + 1}`);
  return sql;
}

export function nameOf(sql: string): string | undefined {
  return names.get(sql);
}
