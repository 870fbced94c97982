/** What a chunk does to its run. Chunks are written by us with their type first, so that these need no parsing. */

export function startsRun(chunk: string): boolean {
  return chunk.startsWith('{"type":"RUN_STARTED"');
}

export function endsRun(chunk: string): boolean {
  return chunk.startsWith('{"type":"RUN_FINISHED"') || chunk.startsWith('{"type":"RUN_ERROR"');
}
