export const share = {
  menu: 'Share…',
  title: 'Share this conversation',
  whatItDoes:
    'Whoever is signed in here and has the link can read all of this conversation, live, with its tool calls and images. They cannot write, answer or stop anything.',
  loading: 'Loading…',
  lasts: 'The link works',
  lasting: { week: 'for 7 days', day: 'for 1 day', always: 'until I withdraw it' },
  create: 'Create link',
  created: 'The link is there. It is shown this once.',
  anewTitle: 'Need the link again?',
  anewWhy:
    'Only its fingerprint is kept, so it cannot be shown again. A new link takes its place; the old one stops working, and whoever is watching by it is out.',
  anew: 'Create a new link',
  link: 'Link to this conversation',
  copy: 'Copy',
  copied: 'Copied',
  once: 'Copy it now: it is shown this once.',
  since: (when: string) => `Shared since ${when}.`,
  until: (when: string) => `Works until ${when}.`,
  untilWithdrawn: 'Works until you withdraw it.',
  nobody: 'Nobody has opened it yet.',
  watching: (count: number) =>
    count === 0
      ? 'Nobody is watching now.'
      : count === 1
        ? 'One person is watching now.'
        : `${count} people are watching now.`,
  readers: 'Who opened it',
  now: 'watching now',
  opened: (when: string) => `opened ${when}`,
  withdraw: 'Withdraw link',
  withdrawn: 'The link is withdrawn. Nobody can watch by it any more.',
  close: 'Close',
  readOnly: (by: string) => `Read-only: shared by ${by}`,
  opening: 'Opening the shared conversation…',
  empty: 'Nothing has been said yet.',
  home: 'Your chats',
  said: (by: string) => `${by} said`,
  claudeSaid: 'Claude said',
  stopped: 'Stopped.',
  error: 'Error',
  code: 'Code:',
  asked: (by: string, tools: string) => `${by} is asked for approval: ${tools}`,
  image: (by: string, nth: number, of: number) => `Sent by ${by}, ${nth} of ${of}`,
  earlier: 'Earlier messages',
  earlierFailed: 'Earlier messages could not be loaded. Try again',
  newBelow: 'New below',
  endedTitle: 'This conversation is no longer shared',
  ended:
    'Its link was withdrawn or has ended, or the conversation is gone. Ask whoever sent it to you for a new one.',
  unknownTitle: 'This link does not work',
  unknown:
    'It was withdrawn, has ended, or lost a part on its way. Ask whoever sent it to you for a new one.',
  tooManyTitle: 'Too many links that do not work',
  tooMany:
    'You opened so many links that lead nowhere that none is looked up for ten minutes. Leave this page open: it tries again by itself.',
  stoppedTitle: 'This conversation cannot be shown',
  signedOut: 'Your sign-in has ended.',
  signIn: 'Sign in to go on',
  conversation: 'Conversation',
};
