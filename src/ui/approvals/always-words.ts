/** What “for this conversation” would allow, in words, from the rules the CLI suggests. */
import { words } from '../words/words.ts';

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
        return list(one.directories).map((directory) => words.approvals.filesIn(String(directory)));
      case 'setMode':
        return [words.approvals.mode(String(one.mode))];
      default:
        return [];
    }
  });
}

function ruleWords(rule: unknown): string {
  const { toolName, ruleContent } = rule as { toolName?: unknown; ruleContent?: unknown };
  const tool = String(toolName ?? words.approvals.anyTool);
  return typeof ruleContent === 'string' && ruleContent !== ''
    ? words.approvals.rule(tool, ruleContent)
    : words.approvals.everyUse(tool);
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value.filter((one) => one !== null && one !== undefined) : [];
}
