export const account = {
  button: (user: string) => `Account of ${user}`,
  signedInAs: (user: string) => `Signed in as ${user}`,
  /** The user’s name stands between the two, as it does wherever there are two. */
  who: ['Signed in as ', ''],
  devices: 'Signed-in devices…',
  operators: 'For operators',
  signOut: 'Sign out',
  signOutEverywhere: 'Sign out everywhere…',
  language: 'Language',
  automatic: 'Automatic',
  automaticTitle: 'As your browser prefers',

  devicesTitle: 'Signed-in devices',
  devicesOf: (user: string) => `Where you are signed in as ${user}.`,
  nowhereElse: 'You are signed in nowhere else.',
  loading: 'Loading…',
  tryAgain: 'Try again',
  close: 'Close',
  failed: 'That did not work.',
  thisDevice: 'This device',
  inUse: 'In use now',
  lastUsed: (ago: string) => `Last used ${ago}`,
  signedIn: (when: string) => `Signed in ${when}`,
  signOutDevice: (device: string, used: string) => `Sign out ${device}, ${used.toLowerCase()}`,
  signingOut: 'Signing out…',
  deviceSignedOut: (device: string) => `${device} is signed out.`,
  browserOn: (browser: string, system: string) => `${browser} on ${system}`,
  aBrowser: 'A browser',
  unknownDevice: 'An unknown device',

  justNow: 'just now',
  todayAt: (time: string) => `today at ${time}`,
  yesterdayAt: (time: string) => `yesterday at ${time}`,
  onDay: (day: string) => `on ${day}`,

  askSignOut: 'Sign out?',
  askEverywhere: 'Sign out everywhere?',
  everywhere: 'Sign out everywhere',
  everywhereMeans: [
    'Every browser and program that is signed in as ',
    ' is signed out, this one too. Answers that are being written go on.',
  ],
  unsent: (count: number) =>
    count === 1
      ? 'One message you wrote here is not sent. It stays in this browser until you sign in again.'
      : `${count} messages you wrote here are not sent. They stay in this browser until you sign in again.`,
  forget: (count: number) => `Delete ${count === 1 ? 'it' : 'them'} now, as on a shared computer`,
  cancel: 'Cancel',

  ended: 'Your sign-in has ended.',
  nothingLost:
    'Nothing is lost: what you write stays here, and goes on once you have signed in again.',
  signInInNewTab: 'Sign in in a new tab',
  signIn: 'Sign in',
};
