import { defineConfig } from '@playwright/test';

const isRoot = process.getuid?.() === 0;

const browsers = [true, false].flatMap((javaScript) =>
  (['light', 'dark'] as const).flatMap((colorScheme) =>
    [1280, 360].map((width) => ({
      name: `${javaScript ? 'javascript' : 'no-javascript'}-${colorScheme}-${width}`,
      testIgnore: ['responses.spec.ts', javaScript ? 'copy-without-javascript.spec.ts' : 'copy-with-javascript.spec.ts'],
      use: { javaScriptEnabled: javaScript, colorScheme, viewport: { width, height: width === 360 ? 740 : 800 } },
    })),
  ),
);

export default defineConfig({
  testDir: 'tests',
  outputDir: 'results',
  reporter: 'list',
  // One at a time and the responses first: a download in between changes the number that the home page shows.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 30_000,
  projects: [{ name: 'responses', testMatch: 'responses.spec.ts' }, ...browsers],
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
