/** The operator's hand on every conversation: what the CLI is given besides what a user may choose. */

export interface OperatorSettings {
  readonly claudeSettingsFile: string | null;
  readonly claudeMcpConfigFile: string | null;
  readonly claudeSystemPromptFile: string | null;
  readonly claudeDeny: readonly string[] | null;
}

export function operatorArgs(settings: OperatorSettings): string[] {
  const { claudeSettingsFile, claudeMcpConfigFile, claudeSystemPromptFile, claudeDeny } = settings;
  return [
    ...(claudeSettingsFile === null ? [] : ['--settings', claudeSettingsFile]),
    ...(claudeMcpConfigFile === null
      ? []
      : ['--mcp-config', claudeMcpConfigFile, '--strict-mcp-config']),
    ...(claudeSystemPromptFile === null
      ? []
      : ['--append-system-prompt-file', claudeSystemPromptFile]),
    ...(claudeDeny === null ? [] : ['--disallowedTools', ...claudeDeny]),
  ];
}

/** The files among them, which the CLI reads itself. */
export function operatorFiles(settings: OperatorSettings): string[] {
  const { claudeSettingsFile, claudeMcpConfigFile, claudeSystemPromptFile } = settings;
  return [claudeSettingsFile, claudeMcpConfigFile, claudeSystemPromptFile].filter(
    (file) => file !== null,
  );
}
