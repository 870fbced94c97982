export const offline = {
  newVersion: 'A new version of this page is there.',
  reload: 'Reload',
  later: 'Later',
  install: 'Install as an app',
  notify: 'Notify me when Claude ends or asks',
  notifyDenied:
    'This browser does not let the page notify you. Its settings for this site change that.',
  ended: 'Claude has answered.',
  asks: 'Claude asks you something.',
};
