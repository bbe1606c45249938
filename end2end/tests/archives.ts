// Archives to publish.

import { gzipSync } from 'node:zlib';

/** An entry of a tar: a header of 512 bytes (POSIX ustar) and the content, filled up to blocks. */
function entry(path: string, content: string): Buffer {
  const bytes = Buffer.from(content);
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

/** An archive of an extension in plain SQL, as the trunk command packs it. */
export function archive(name: string, control?: string, version = '1.0.0'): Buffer {
  const files: Record<string, string> = {
    [`extension/${name}.control`]: control ?? `comment = 'Counts sheep'\ndefault_version = '${version}'\n`,
    [`extension/${name}--${version}.sql`]: `create function ${name}() returns int language sql as 'select 1';\n`,
    'README.md': `# ${name}\n\nCounts *sheep*, one by one.\n`,
  };
  const manifest = {
    name,
    extension_name: name,
    version,
    manifest_version: 2,
    sys: 'linux',
    architecture: 'x86_64',
    pg_version: 15,
    files: Object.fromEntries(Object.keys(files).map((path) => [
      path,
      { type: path.endsWith('.control') ? 'control-file' : path.endsWith('.sql') ? 'sql-file' : 'extra' },
    ])),
  };
  files['manifest.json'] = JSON.stringify(manifest);
  const entries = Object.entries(files).map(([path, content]) => entry(path, content));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
}
