/** What HTTP answers, types only: conversations, messages, uploads and files as clients see them. PROTOCOL.md has the rules. */
import type { Cursor, Message } from './protocol.ts';

/** One conversation as a list shows it. Times are epoch ms. */
export interface ConversationView {
  threadId: string;
  title: string;
  createdAt: number;
  /** When a prompt was last accepted or a run last ended. */
  updatedAt: number;
  /** When a run of it last ended; 0: none has, or an earlier version did not note it. */
  endedAt: number;
  /** What goes on in it now: a run, an approval that waits for its user, or nothing. */
  activity: 'running' | 'asking' | null;
  /** The run it was forked before, and the conversation that was first asked in; null: it was begun anew. */
  forkedFrom: { threadId: string; runId: string } | null;
  /** Kept at the top of the list by its user, at most 50 of them. */
  pinned: boolean;
}

/**
 * `GET /chat/api/conversations/:threadId/branches` answers `{branches}`: every way it went on from a place, the
 * original first, then the forks as they were made.
 */
export interface BranchView {
  threadId: string;
  /** The place: the original's run before which all of its branches were forked. */
  runId: string;
  /** The run that stands there in this one; null: nothing was sent in it yet. */
  ownRunId: string | null;
  title: string;
  createdAt: number;
}

/** A stretch of text in a search result; `hit` marks what was looked for. */
export interface SnippetPart {
  text: string;
  hit: boolean;
}

/** A message that a search found. */
export interface MatchView {
  messageId: string;
  role: 'user' | 'assistant';
  createdAt: number;
  snippet: SnippetPart[];
}

/** `GET /chat/api/conversations`: pinned ones first, all on the first page, then most recently used first; `before` asks for the next page. */
export interface ConversationPage {
  /** `matches` only where `q` was given: at most 3 each, none where only the title fits. */
  conversations: (ConversationView & { matches?: MatchView[] })[];
  before: string | null;
}

/** `GET /chat/api/conversations/:threadId/messages`: oldest first; `before` asks for earlier ones. */
export interface MessagePage {
  /** `metadata` tells `createdAt` (epoch ms), `runId` and, on the last of a run that did not succeed, `ended`. */
  messages: Message[];
  before: Cursor | null;
}

/** How a run ended that did not succeed, as kept with its last message. */
export interface EndNote {
  how: 'cancelled' | 'failed';
  /** A fault code. */
  code?: string;
  message?: string;
}

/** `POST /chat/api/uploads`, 201: an image that prompts may name by its `url`. */
export interface UploadView {
  id: string;
  url: string;
  mimeType: string;
  bytes: number;
}

/** One entry of a folder in the user's workspace. */
export interface FileView {
  name: string;
  kind: 'file' | 'folder' | 'other';
  bytes: number;
  /** Epoch ms. */
  modifiedAt: number;
}

/** `GET /chat/api/files?path=`: one folder, folders first; `path` is relative to the workspace, '' its top. */
export interface FolderView {
  path: string;
  entries: FileView[];
  /** More entries were there than are told. */
  truncated: boolean;
  /** Bytes in the workspace, and how many there may be; null: no quota. */
  usedBytes: number;
  quotaBytes: number | null;
}

/** Somebody who opened a link to a conversation. Times are epoch ms. */
export interface ShareReaderView {
  user: string;
  firstAt: number;
  lastAt: number;
  /** Has it open just now. */
  isWatching: boolean;
}

/** A link to a conversation, as its owner is told of it: never where it leads from. Times are epoch ms. */
export interface ShareView {
  createdAt: number;
  /** Null: it holds until it is withdrawn. */
  expiresAt: number | null;
  /** Last first, at most 100. */
  readers: ShareReaderView[];
}

/** One place where a user is signed in. Times are epoch ms. */
export interface SignInView {
  id: string;
  /** What the browser called itself (`User-Agent`), or what else it is for; '' where it did not say. */
  device: string;
  createdAt: number;
  /** To within a minute, or a tenth of the time a sign-in lasts without use. */
  usedAt: number;
  expiresAt: number;
  /** The one that asks. */
  isThis: boolean;
}

/** `GET /chat/api/sign-ins`: those that have not ended, last used first. */
export interface SignInList {
  signIns: SignInView[];
}
