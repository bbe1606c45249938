// Publishes projects as `trunk publish` does: PUBLISHING_TOKEN=… node publish-projects.mjs ADDRESS [FILE]
//
// FILE is a JSON array of projects; only `name` and `version` are needed. Without it, made-up ones are published: as many as
// Trunk's registry has, and with texts, links, versions and majors about as long and as many as there. Archives hold a control
// file and a script for each extension, and no library, whatever the project has elsewhere.
//
// Names of projects that are there afterwards go to the output, one a line; what is refused, and why, goes to the errors.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const [address, file] = process.argv.slice(2);
const token = process.env.PUBLISHING_TOKEN;
const majorsByDefault = [14, 15, 16, 17];

// The same in every run, so that runs can be compared.
function madeUp(number) {
  const name = `synth_${String(number).padStart(3, "0")}`;
  const words = ("counts rows of large tables while others write to them and keeps the result in memory until somebody asks " +
    "for it again with another condition or from another session").split(" ");
  const description = Array.from({ length: 5 + ((number * 7) % 13) }, (_, word) => words[(number + word) % words.length]);
  // Most have one version.
  const versions = Array.from({ length: [1, 2, 1, 1, 4][number % 5] }, (_, minor) => `1.${minor}.${number % 10}`);
  const categories = ["analytics", "connectors", "data_transformations", "metrics", "search", "security", "tooling_admin"];
  return {
    name,
    version: versions.at(-1),
    version_history: versions.map((version) => ({ version })),
    description: description.join(" "),
    documentation: `https://docs.example.org/extensions/${name}/README`,
    homepage: number % 2 === 0 ? "https://www.example.org" : null,
    repository: `https://code.example.org/extensions/${name}`,
    license: "PostgreSQL",
    categories: [categories[number % categories.length]],
    extension_dependencies: number % 10 === 0 ? ["plpgsql"] : [],
    loadable_libraries:
      number % 9 === 0 ? [{ library_name: name, requires_restart: true, priority: 2147483647 }] : [],
    system_dependencies: { apt: ["libc6"] },
  };
}

// An entry of a tar (POSIX ustar): a header of 512 bytes and the content, filled up to blocks.
function entry(path, text) {
  const content = Buffer.from(text);
  const header = Buffer.alloc(512);
  const octal = (value, digits) => `${value.toString(8).padStart(digits, "0")}\0`;
  header.write(path, 0);
  header.write(octal(0o644, 7), 100);
  header.write(octal(0, 7), 108);
  header.write(octal(0, 7), 116);
  header.write(octal(content.length, 11), 124);
  header.write(octal(0, 11), 136);
  // The sum is made as if spaces stood in its place.
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  header.write(`${octal(header.reduce((sum, byte) => sum + byte, 0), 6)} `, 148);
  return Buffer.concat([header, content, Buffer.alloc(-content.length & 511)]);
}

function archive(project, version, major) {
  const files = {};
  const extensions = project.extension_names ?? [project.extension_name ?? project.name];
  for (const extension of extensions) {
    const comment = (project.description ?? "").replace(/['\\]/g, "$&$&").replace(/\s+/g, " ");
    files[`extension/${extension}.control`] =
      `comment = '${comment}'\ndefault_version = '${version}'\nrelocatable = true\n`;
    files[`extension/${extension}--${version}.sql`] =
      `create function ${extension.replaceAll("-", "_")}_answer() returns int language sql as 'select 42';\n`;
  }
  const manifest = {
    name: project.name,
    extension_name: project.extension_name ?? null,
    extension_dependencies: project.extension_dependencies ?? null,
    version,
    manifest_version: 2,
    sys: "linux",
    architecture: "x86_64",
    files: Object.fromEntries(
      Object.keys(files).map((path) => [path, { type: path.endsWith(".control") ? "control-file" : "sql-file" }]),
    ),
    pg_version: major,
  };
  // Last, as `trunk build` has it.
  files["manifest.json"] = JSON.stringify(manifest);
  const entries = Object.entries(files).map(([path, content]) => entry(path, content));
  return gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));
}

// Sends one archive, and returns why it is refused, or null.
async function refusal(project, version, major) {
  const metadata = {
    name: project.name,
    extension_name: project.extension_name ?? null,
    extension_dependencies: project.extension_dependencies ?? null,
    vers: version,
    description: project.description ?? null,
    documentation: project.documentation ?? null,
    homepage: project.homepage ?? null,
    license: project.license ?? null,
    repository: project.repository ?? null,
    system_dependencies: project.system_dependencies ?? null,
    categories: project.categories ?? null,
    configurations: null,
    libraries: project.loadable_libraries ?? null,
  };
  const form = new FormData();
  form.append("metadata", JSON.stringify(metadata));
  form.append("file", new Blob([archive(project, version, major)]), "archive.tar.gz");
  const answer = await fetch(`${address}/extensions/new`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body: form,
  });
  const text = await answer.text();
  return answer.ok ? null : `${answer.status} ${text.trim()}`;
}

const projects = file ? JSON.parse(readFileSync(file, "utf8")) : Array.from({ length: 224 }, (_, index) => madeUp(index + 1));
const published = new Set();
for (const project of projects) {
  const earlier = (project.version_history ?? []).map(({ version }) => version);
  for (const version of new Set([...earlier, project.version])) {
    for (const major of project.postgres_versions_ci ?? majorsByDefault) {
      const reason = await refusal(project, version, major);
      if (reason !== null) {
        console.error(`refused: ${project.name} ${version} for PostgreSQL ${major}: ${reason}`);
        // What is made up has no faults, so something else is wrong.
        if (!file) process.exit(1);
        break;
      }
      published.add(project.name);
    }
  }
}
for (const name of published) console.log(name);
