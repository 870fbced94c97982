/**
 * The header that says whether a browser shows or saves what it gets, and under which name: once for programs that
 * know no more than ASCII, once in full.
 */
export function disposition(kind: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["%\\]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, escapeUnit);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function escapeUnit(unit: string): string {
  return `%${unit.charCodeAt(0).toString(16).toUpperCase()}`;
}
