export const history = {
  conversations: 'Conversations',
  newChat: 'New chat',
  close: 'Close',
  search: 'Search conversations',
  searchPlaceholder: 'Search',
  searching: 'Searching…',
  searchFailed: 'The search failed.',
  nothingFound: 'Nothing found.',
  found: (count: number) => (count === 1 ? 'One conversation' : `${count} conversations`),
  /** Who said what was found. */
  you: 'You',
  claude: 'Claude',

  loading: 'Loading your conversations',
  loadFailed: 'Your conversations could not be loaded.',
  tryAgain: 'Try again',
  empty: 'What you talk about with Claude is kept here.',
  earlier: 'Earlier conversations',
  earlierFailed: 'Could not load more. Try again',
  today: 'Today',
  yesterday: 'Yesterday',
  days7: 'Previous 7 days',
  days30: 'Previous 30 days',
  pinned: 'Pinned',

  /** What a mark beside a title means. */
  running: 'Claude is working',
  asking: 'Claude needs your answer',
  unread: 'New answer, not read yet',
  askingIn: (titles: string) => `Claude needs your answer in ${titles}`,
  /** In marks of its own direction. */
  quoted: (title: string) => `“\u2068${title}\u2069”`,

  moreFor: (title: string) => `More for “${title}”`,
  rename: 'Rename',
  newTitle: 'New title',
  pin: 'Pin',
  unpin: 'Unpin',
  exportAs: (format: string) => `Export as ${format}`,
  delete: 'Delete',
  /** @param title `quoted`. */
  deleted: (title: string) => `${title} was deleted.`,
  undo: 'Undo',
  dismiss: 'Dismiss',
  deletedElsewhere: 'That conversation was deleted in another window.',

  offline: 'The server cannot be reached just now.',
  failed: 'That did not work. Please try again.',
};
