/** What “for this conversation” would allow, in words, from the rules the CLI suggests. */

interface Suggestion {
  type?: unknown;
  rules?: unknown;
  directories?: unknown;
  mode?: unknown;
}

/** Empty where nothing is suggested: then there is no such choice. */
export function alwaysWords(suggestions: unknown): string[] {
  if (!Array.isArray(suggestions)) return [];
  return suggestions.flatMap((one: Suggestion) => {
    switch (one.type) {
      case 'addRules':
        return list(one.rules).map(ruleWords);
      case 'addDirectories':
        return list(one.directories).map((directory) => `files in ${String(directory)}`);
      case 'setMode':
        return [`the mode “${String(one.mode)}”`];
      default:
        return [];
    }
  });
}

function ruleWords(rule: unknown): string {
  const { toolName, ruleContent } = rule as { toolName?: unknown; ruleContent?: unknown };
  const tool = String(toolName ?? 'any tool');
  return typeof ruleContent === 'string' && ruleContent !== ''
    ? `${tool}: ${ruleContent}`
    : `every use of ${tool}`;
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.filter((one) => one !== null && one !== undefined) : [];
}
