// What a program written in Go reads in a JSON document: encoding/json into structs like those of the image-spec.
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './temporary.ts'

const PROGRAM = String.raw`package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unicode"
)

type Platform struct {
	Architecture string   ${'`json:"architecture"`'}
	OS           string   ${'`json:"os"`'}
	OSVersion    string   ${'`json:"os.version"`'}
	OSFeatures   []string ${'`json:"os.features"`'}
	Variant      string   ${'`json:"variant"`'}
}
type Descriptor struct {
	MediaType    string            ${'`json:"mediaType"`'}
	Digest       string            ${'`json:"digest"`'}
	Size         int64             ${'`json:"size"`'}
	URLs         []string          ${'`json:"urls"`'}
	Annotations  map[string]string ${'`json:"annotations"`'}
	Data         []byte            ${'`json:"data"`'}
	Platform     *Platform         ${'`json:"platform"`'}
	ArtifactType string            ${'`json:"artifactType"`'}
}
type Manifest struct {
	SchemaVersion int               ${'`json:"schemaVersion"`'}
	MediaType     string            ${'`json:"mediaType"`'}
	ArtifactType  string            ${'`json:"artifactType"`'}
	Config        Descriptor        ${'`json:"config"`'}
	Layers        []Descriptor      ${'`json:"layers"`'}
	Subject       *Descriptor       ${'`json:"subject"`'}
	Annotations   map[string]string ${'`json:"annotations"`'}
}
type Index struct {
	SchemaVersion int               ${'`json:"schemaVersion"`'}
	MediaType     string            ${'`json:"mediaType"`'}
	ArtifactType  string            ${'`json:"artifactType"`'}
	Manifests     []Descriptor      ${'`json:"manifests"`'}
	Subject       *Descriptor       ${'`json:"subject"`'}
	Annotations   map[string]string ${'`json:"annotations"`'}
}
type Healthcheck struct {
	Test        []string
	Interval    int64
	Timeout     int64
	StartPeriod int64
	Retries     int
}
type Run struct {
	User         string
	ExposedPorts map[string]struct{}
	Env          []string
	Entrypoint   []string
	Cmd          []string
	Volumes      map[string]struct{}
	WorkingDir   string
	Labels       map[string]string
	StopSignal   string
	StopTimeout  *int
	Shell        []string
	OnBuild      []string
	Healthcheck  *Healthcheck
}
type Config struct {
	Created      string   ${'`json:"created"`'}
	Author       string   ${'`json:"author"`'}
	Architecture string   ${'`json:"architecture"`'}
	OS           string   ${'`json:"os"`'}
	OSVersion    string   ${'`json:"os.version"`'}
	Variant      string   ${'`json:"variant"`'}
	Config       Run      ${'`json:"config"`'}
	RootFS       struct {
		Type    string   ${'`json:"type"`'}
		DiffIDs []string ${'`json:"diff_ids"`'}
	} ${'`json:"rootfs"`'}
	History []struct {
		Created    string ${'`json:"created"`'}
		CreatedBy  string ${'`json:"created_by"`'}
		Comment    string ${'`json:"comment"`'}
		EmptyLayer bool   ${'`json:"empty_layer"`'}
	} ${'`json:"history"`'}
}
type Layout struct {
	Version string ${'`json:"imageLayoutVersion"`'}
}
type Archive []struct {
	Config   string
	RepoTags []string
	Layers   []string
}
type Plan struct {
	SchemaVersion int        ${'`json:"schemaVersion"`'}
	Digest        string     ${'`json:"digest"`'}
	Subject       Descriptor ${'`json:"subject"`'}
	Naming        struct {
		Version string   ${'`json:"version"`'}
		Commit  string   ${'`json:"commit"`'}
		Yanked  []string ${'`json:"yanked"`'}
		Rolling []string ${'`json:"rolling"`'}
	} ${'`json:"naming"`'}
	Proof struct {
		Kind    string ${'`json:"kind"`'}
		Reason  string ${'`json:"reason"`'}
		Checked []struct {
			Platform string ${'`json:"platform"`'}
			Path     string ${'`json:"path"`'}
			Image    string ${'`json:"image"`'}
			Released string ${'`json:"released"`'}
		} ${'`json:"checked"`'}
		Through []struct {
			Platform string ${'`json:"platform"`'}
			Path     string ${'`json:"path"`'}
			Digest   string ${'`json:"digest"`'}
		} ${'`json:"through"`'}
	} ${'`json:"proof"`'}
	Artifacts []struct {
		Kind   string ${'`json:"kind"`'}
		Name   string ${'`json:"name"`'}
		Path   string ${'`json:"path"`'}
		Digest string ${'`json:"digest"`'}
		Size   int64  ${'`json:"size"`'}
	} ${'`json:"artifacts"`'}
	Destinations map[string]struct {
		Kind      string            ${'`json:"kind"`'}
		Required  bool              ${'`json:"required"`'}
		Digest    string            ${'`json:"digest"`'}
		Digests   map[string]string ${'`json:"digests"`'}
		Immutable []string          ${'`json:"immutable"`'}
		Rolling   []string          ${'`json:"rolling"`'}
	} ${'`json:"destinations"`'}
	Observed map[string]map[string]string ${'`json:"observed"`'}
}

func folds(out *bufio.Writer) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if next := unicode.SimpleFold(r); next != r && !(r >= 0xd800 && r < 0xe000) {
			fmt.Fprintf(out, "[%d,%d]\n", r, next)
		}
	}
}

func main() {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	if len(os.Args) > 1 {
		folds(out)
		return
	}
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		kind, text, _ := strings.Cut(strings.TrimSpace(line), " ")
		doc, _ := base64.StdEncoding.DecodeString(text)
		into := map[string]any{"manifest": &Manifest{}, "index": &Index{}, "config": &Config{}, "descriptor": &Descriptor{},
			"layout": &Layout{}, "archive": &Archive{}, "plan": &Plan{}}[kind]
		if err := json.Unmarshal(doc, into); err != nil {
			fmt.Fprintln(out, "null")
			continue
		}
		said, _ := json.Marshal(into)
		out.Write(append(said, '\n'))
	}
}
`

let built: string | undefined

function program(): string {
  if (built !== undefined) return built
  const folder = temporaryFolder('go-json')
  writeFileSync(join(folder, 'main.go'), PROGRAM)
  writeFileSync(join(folder, 'go.mod'), 'module oracle\n\ngo 1.19\n')
  execFileSync('go', ['build', '-o', 'oracle', '.'], { cwd: folder, stdio: 'inherit' })
  built = join(folder, 'oracle')
  return built
}

export type GoKind = 'manifest' | 'index' | 'config' | 'descriptor' | 'layout' | 'archive' | 'plan'

const run = (input: string, args: readonly string[] = []): readonly unknown[] =>
  execFileSync(program(), args, { input, maxBuffer: 1 << 30 })
    .toString()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)

/** What Go reads in each document; null where it refuses to. */
export function readByGo(
  documents: readonly { readonly kind: GoKind; readonly text: Uint8Array | string }[],
): readonly unknown[] {
  const lines = documents.map(
    ({ kind, text }) => `${kind} ${Buffer.from(text).toString('base64')}\n`,
  )
  return run(lines.join(''))
}

/** All pairs of characters that Go takes for one in a key, as code points. */
export const foldsOfGo = (): readonly (readonly [number, number])[] =>
  run('', ['folds']) as readonly (readonly [number, number])[]
