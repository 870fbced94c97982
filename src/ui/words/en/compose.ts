const number = (value: number) => value.toLocaleString('en');
const megabytes = (value: number) =>
  `${value.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 })} MB`;

export const compose = {
  area: 'Your message',
  skipToBox: 'Skip to the message box',
  boxLabel: 'Message to Claude',
  placeholder: 'Message Claude',
  enterSends: 'Enter sends',
  shiftEnterBreaks: ', Shift+Enter breaks the line',
  send: 'Send',
  stop: 'Stop',
  tooLong: (overBytes: number, maxBytes: number) =>
    `Too long by ${number(overBytes)} bytes: a message takes ${number(maxBytes)}. Please shorten it, or put the text into a file and name it with @.`,
  imagesWait:
    'Images are uploaded once the connection is back. Until then, do not reload: only your words would be kept.',
  imagesUploading: 'Goes as soon as the images are uploaded.',
  draftNotKept:
    'This browser has no room for drafts: what you write is lost when this page is closed.',
  returnedElsewhere:
    'A message for another conversation could not be sent. It is back in the message box there.',
  sentBeforeTakenBack:
    'That message had been sent before it could be taken back. Its words are in the box too.',

  addImages: 'Add images',
  dropHere: 'Drop images to add them to your message',
  noImagesHere: 'Files cannot be added here: this Claude takes no images.',
  images: 'Images in your message',
  image: 'image',
  uploading: (name: string) => `Uploading ${name}…`,
  uploadFailed: (name: string, why: string) => `${name}: ${why}`,
  tryAgain: 'Try again',
  remove: (name: string) => `Remove ${name}`,
  notAnImage: (name: string, types: readonly string[]) =>
    `${name} is no image that can be sent. Accepted: ${types.join(', ')}.`,
  imageTooLarge: (name: string, size: number, max: number) =>
    `${name} has ${megabytes(size)}; at most ${megabytes(max)} can be sent.`,
  tooManyImages: (name: string, max: number) =>
    `${name} was left out: a message takes ${number(max)} images.`,

  files: 'Files',
  commands: 'Commands',
  suggestions: (count: number) =>
    `${number(count)} ${count === 1 ? 'suggestion' : 'suggestions'}. Arrow keys choose, Enter takes one.`,

  model: 'Model',
  effort: 'Effort',
  effortOf: (effort: string) => `${effort} effort`,
  defaultModel: 'Default model',
  changing: 'Changing…',

  quote: 'Quote',
  quoteToolbar: 'Selected text',
  quoteTitle: 'Quote in your message (Ctrl+Shift+9)',

  dictate: 'Dictate',
  stopDictating: 'Stop dictating',
  dictateTitle:
    'Dictate. Speech is recognised by a service of your browser’s maker, which may get the sound.',
  dictation: {
    off: '',
    starting: 'Waiting for the microphone…',
    listening: 'Listening… Escape stops',
    denied: 'The microphone is not allowed for this page. Allow it in the browser’s site settings.',
    notHeard: 'Nothing was heard. Try again, closer to the microphone.',
    network: 'Your browser’s speech service cannot be reached.',
    noMicrophone: 'No microphone was found.',
    failed: 'Your browser could not recognise speech just now.',
  },
};
