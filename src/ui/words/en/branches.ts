export const branches = {
  label: 'Branches',
  previous: 'Previous branch',
  next: 'Next branch',
  place: (at: number, of: number) => `Branch ${at} of ${of}`,
  edit: 'Edit',
  editLabel: 'Your message, to be sent anew',
  editNote: 'This begins a branch. What was said stays where it is.',
  cancel: 'Cancel',
  askAgain: 'Ask again',
  send: 'Send',
  failed: 'That did not work.',
};
