// The bin of @changesets/cli calls an API that Node 20 lacks; importing the package runs the same program without it.
import '@changesets/cli'
