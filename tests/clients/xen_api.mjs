// Drives npm `xen-api` for the tests: requests come as JSON lines on standard input, answers leave on standard output.
//
// {"id", "do": "call" | "async", "method", "arguments"}   a call; "async" waits for its task through the event loop
// {"id", "do": "record", "ref"}                           the object as the event-fed cache has it, after a barrier
// {"id", "do": "cache"}                                   {class: {ref: record}} of all that the cache holds

import { createInterface } from 'node:readline'
import { createClient } from 'xen-api'

const [url] = process.argv.slice(2)
const [user, password] = [process.env.XEN_API_USER, process.env.XEN_API_PASSWORD]
const xapi = createClient({ url, auth: { user, password }, allowUnauthorized: true, debounce: 20 })

const handlers = {
  call: ({ method, arguments: args }) => xapi.call(method, ...args),
  async: ({ method, arguments: args }) => xapi.callAsync(method, ...args),
  record: ({ ref }) => xapi.barrier(ref),
  cache: async () => {
    await xapi.barrier()
    const found = {}
    for (const object of Object.values(xapi.objects.all)) {
      ;(found[object.$type] ??= {})[object.$ref] = object
    }
    return found
  },
}

function say(message) {
  process.stdout.write(JSON.stringify(message) + '\n')
}

async function answer(request) {
  const { id } = request
  try {
    say({ id, value: (await handlers[request.do](request)) ?? null })
  } catch (error) {
    say(error.code === undefined ? { id, broken: String(error.stack) } : { id, error: [error.code, ...(error.params ?? [])] })
  }
}

await xapi.connect()
await xapi.objectsFetched
say({ id: 0, value: xapi.pool.$ref })
for await (const line of createInterface({ input: process.stdin })) {
  answer(JSON.parse(line))
}
await xapi.disconnect()
process.exit(0)
