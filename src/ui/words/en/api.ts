/** What a request comes to that got no answer to be shown. */
export const api = {
  unreachable: 'The server cannot be reached just now.',
  status: (status: number) => `The server answered with ${status}.`,
};
