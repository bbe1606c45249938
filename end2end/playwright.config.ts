import { defineConfig } from '@playwright/test';

const isRoot = process.getuid?.() === 0;

/**
 * Which tests a browser project has. Every page is looked at in all of them, the odd ones where scripts run. A story is told
 * once for each width with and without scripts, since no colour changes it; what only scripts bring, only with them.
 */
function testsFor(javaScript: boolean, isLight: boolean): string[] {
  const tests = ['pages'];
  if (javaScript) tests.push('odd-pages', 'theme');
  if (isLight) tests.push('find-extension', 'browse', 'package', 'keyboard', javaScript ? 'with-javascript' : 'without-javascript');
  return tests.map((name) => `**/${name}.spec.ts`);
}

const browsers = [true, false].flatMap((javaScript) =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    [1280, 360].map((width) => ({
      name: `${javaScript ? 'javascript' : 'no-javascript'}-${colorScheme}-${width}`,
      testMatch: testsFor(javaScript, colorScheme === 'light'),
      use: { javaScriptEnabled: javaScript, colorScheme, viewport: { width, height: width === 360 ? 740 : 800 } },
    })),
  ),
);

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results',
  reporter: 'list',
  workers: 2,
  retries: 0,
  forbidOnly: true,
  timeout: 30_000,
  projects: [
    { name: 'responses', testMatch: ['responses.spec.ts', 'for-machines.spec.ts'] },
    ...browsers,
    // After everything else: downloads and new packages change what pages show.
    {
      name: 'download',
      testMatch: ['download.spec.ts', 'publish.spec.ts', 'accounts.spec.ts', 'identity.spec.ts', 'passkeys.spec.ts', 'people.spec.ts', 'moderation.spec.ts'],
      dependencies: ['responses', ...browsers.map(({ name }) => name)],
    },
    // Last of all: there is an admin from its beginning on, and what it changes is on every page.
    { name: 'administration', testMatch: 'administration.spec.ts', dependencies: ['download'] },
  ],
  use: {
    baseURL: process.env.BASE_URL ?? 'http://localhost:8080',
    actionTimeout: 10_000,
    navigationTimeout: 30_000,
    launchOptions: {
      executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
      chromiumSandbox: !isRoot,
      args: [
        ...(isRoot ? ['--no-sandbox'] : []),
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
