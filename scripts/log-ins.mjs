// Keeps log-ins going at a server: log-ins.mjs BASE AT_ONCE SECONDS. Prints how many there were.
//
// Each is for a name that nobody has and comes, as the server is told by a header that it trusts, from an address of its own:
// that takes as long as for an account, and no limit is reached.

const [base, atOnce, seconds] = [process.argv[2], Number(process.argv[3]), Number(process.argv[4])];
const end = Date.now() + seconds * 1000;
let number = 0;
const statuses = {};

async function logIns() {
  while (Date.now() < end) {
    number += 1;
    const answer = await fetch(`${base}/login`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'x-forwarded-for': `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
      },
      body: `login=nobody-${number}&password=not+the+password`,
    });
    await answer.arrayBuffer();
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
  }
}

await Promise.all(Array.from({ length: atOnce }, logIns));
const others = Object.entries(statuses).filter(([status]) => status !== '422');
if (others.length > 0) {
  console.error(`Other answers than that it was wrong: ${JSON.stringify(statuses)}`);
  process.exit(1);
}
console.log(statuses[422]);
