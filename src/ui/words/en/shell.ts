export const shell = {
  /** Before the title of the page: what goes on in the conversation that is shown. */
  titleWorking: (title: string) => `● Working – ${title}`,
  titleAsking: (title: string) => `(!) Approve? – ${title}`,
  titleDone: (title: string) => `✓ Done – ${title}`,
};
