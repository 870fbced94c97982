/** Signing in at the forge, as people do: Chromium, TLS, the deployed edge, a real OpenID Connect provider. */
import { expect, type Page, test } from '@playwright/test';
import { caddyIsMissing } from '../support/caddy.ts';
import { Deployment } from '../support/deployment.ts';
import { CLIENT, type OidcProvider, startOidcProvider } from '../support/oidc-provider.ts';
import { watchForTrouble } from './support/watch.ts';

test.use({ ignoreHTTPSErrors: true });

let deployment: Deployment;
let provider: OidcProvider;
test.beforeAll(async ({ browserName: _ }, info) => {
  const missing = caddyIsMissing();
  info.skip(missing !== null, missing ?? '');
  deployment = await Deployment.start(async (origin) => {
    provider = await startOidcProvider({ redirectUri: new URL('/chat/oauth/callback', origin) });
    for (const user of ['alice', 'mallory']) provider.users.set(user, { preferred_username: user });
    return {
      CHAT_OAUTH_CLIENT_ID: CLIENT.clientId,
      CHAT_OAUTH_CLIENT_SECRET: CLIENT.clientSecret,
      CHAT_ALLOWED_USERS: 'alice',
      FORGE_URL: provider.forgeUrl.href,
      FORGE_PUBLIC_URL: provider.forgePublicUrl.href,
    };
  });
});
test.beforeEach(({ page }) => page.route(/googleapis/, (route) => route.abort()));
test.afterAll(async () => {
  await deployment?.stop();
  await provider?.stop();
});

const box = (page: Page) => page.getByRole('textbox', { name: 'Message to Claude' });

/** The provider's own pages, without the fonts they would have from elsewhere. */
async function signInAtForge(page: Page, user: string): Promise<void> {
  await page.locator('input[name="login"]').fill(user);
  await page.locator('input[name="password"]').fill('any');
  await page.locator('button[type="submit"]').click();
  await page.locator('button[type="submit"]', { hasText: 'Continue' }).click();
}

test('[R32] [R38] one comes to the page, signs in at the forge, gets an answer, and signs out', async ({
  page,
  context,
}) => {
  await page.goto(`${deployment.edge.origin}/chat/`);
  await signInAtForge(page, 'alice');
  await expect(page).toHaveURL(`${deployment.edge.origin}/chat/`);
  const trouble = await watchForTrouble(page);
  const cookies = await context.cookies(deployment.edge.origin);
  expect(cookies.find(({ name }) => name === '__Host-greenroom')).toMatchObject({
    ...{ secure: true, httpOnly: true, sameSite: 'Lax', path: '/' },
  });
  await box(page).fill('hello');
  await box(page).press('Enter');
  await expect(page.locator('.markdown')).not.toBeEmpty({ timeout: 15_000 });
  trouble.expectClean();
  await page.getByRole('button', { name: /alice/ }).click();
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Signed out' })).toBeVisible();
  const left = await context.cookies(deployment.edge.origin);
  expect(left.some(({ name }) => name === '__Host-greenroom')).toBe(false);
  await page.goto(`${deployment.edge.origin}/chat/`);
  await expect(page).toHaveURL(`${deployment.edge.origin}/chat/`, { timeout: 15_000 }); // still known at the forge
});

test('[R39] who is not on the list is told so', async ({ page }) => {
  await page.goto(`${deployment.edge.origin}/chat/`);
  await signInAtForge(page, 'mallory');
  await expect(page.getByRole('heading', { name: 'Not on the list' })).toBeVisible();
  await expect(page.getByText('mallory')).toBeVisible();
});
