/** What the page and its service worker say to each other. */

export type ToWorker =
  /** The user wants the new version: take over from the one at work. */
  | { readonly type: 'takeOver' }
  /** Something ended or asks. `tag`: one notification for each; `url`: where a click leads. */
  | {
      readonly type: 'notify';
      readonly title: string;
      readonly body: string;
      readonly tag: string;
      readonly url: string;
    };

export type FromWorker = { readonly type: 'open'; readonly url: string };
