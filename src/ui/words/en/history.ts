export const history = {
  pinned: 'Pinned',
  pin: 'Pin',
  unpin: 'Unpin',
};
