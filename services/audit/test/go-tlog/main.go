// tlog-check reads a log as a stranger would: over HTTP, by the C2SP formats, with Go's own implementation of them, and
// with nothing but the address and the log's key. It shares no code with the service that it checks.
//
// Standard input may hold proofs that somebody else made; they are checked against the same tree.
package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// source is the hash of the files that this program was built from; set by the linker.
var source = "unknown"

const tileHeight = 8

type inclusion struct {
	Index int64       `json:"index"`
	Leaf  []byte      `json:"leaf"`
	Proof []tlog.Hash `json:"proof"`
}

type consistency struct {
	Size  int64       `json:"size"`
	Root  tlog.Hash   `json:"root"`
	Proof []tlog.Hash `json:"proof"`
}

type claims struct {
	Inclusions    []inclusion   `json:"inclusions"`
	Consistencies []consistency `json:"consistencies"`
}

type result struct {
	Size          int64     `json:"size"`
	Root          tlog.Hash `json:"root"`
	Records       int64     `json:"records"`
	Signers       []string  `json:"signers"`
	Cosigners     []string  `json:"cosigners"`
	Inclusions    int       `json:"inclusions"`
	Consistencies int       `json:"consistencies"`
}

func main() {
	if len(os.Args) == 2 && os.Args[1] == "-version" {
		fmt.Println(source)
		return
	}
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: tlog-check <host:port of the log> <verifier key> [<witness key> ...]")
		os.Exit(2)
	}
	found, err := check(os.Args[1], os.Args[2], os.Args[3:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(found)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func check(address, key string, witnesses []string) (*result, error) {
	log := &remote{address: address}
	found, tree, err := log.checkpoint(key, witnesses)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	hashes := tlog.TileHashReader(tree, log)
	if err := log.records(tree, hashes, found); err != nil {
		return nil, err
	}
	var given claims
	if err := json.NewDecoder(os.Stdin).Decode(&given); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("claims: %w", err)
	}
	for _, one := range given.Inclusions {
		if err := tlog.CheckRecord(one.Proof, tree.N, tree.Hash, one.Index, tlog.RecordHash(one.Leaf)); err != nil {
			return nil, fmt.Errorf("proof of entry %d: %w", one.Index, err)
		}
	}
	for _, one := range given.Consistencies {
		if err := tlog.CheckTree(one.Proof, tree.N, tree.Hash, one.Size, one.Root); err != nil {
			return nil, fmt.Errorf("proof from size %d: %w", one.Size, err)
		}
		own, err := tlog.TreeHash(one.Size, hashes)
		if err != nil || own != one.Root {
			return nil, fmt.Errorf("root of size %d: %v", one.Size, err)
		}
	}
	found.Inclusions, found.Consistencies = len(given.Inclusions), len(given.Consistencies)
	return found, nil
}

// remote speaks just enough HTTP/1.0: to compile net/http would take a minute of set-up.
type remote struct {
	address string
}

func (r *remote) get(path string) ([]byte, error) {
	connection, err := net.DialTimeout("tcp", r.address, 10*time.Second)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	_ = connection.SetDeadline(time.Now().Add(10 * time.Second))
	if _, err := fmt.Fprintf(connection, "GET /%s HTTP/1.0\r\nHost: %s\r\n\r\n", path, r.address); err != nil {
		return nil, err
	}
	answer := bufio.NewReader(io.LimitReader(connection, 32<<20))
	status, err := answer.ReadString('\n')
	if err != nil || !strings.Contains(status, " 200 ") {
		return nil, fmt.Errorf("%s: %q %v", path, status, err)
	}
	for line := status; line != "\r\n"; {
		if line, err = answer.ReadString('\n'); err != nil {
			return nil, err
		}
	}
	return io.ReadAll(answer)
}

func (r *remote) checkpoint(key string, witnesses []string) (*result, tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return nil, tlog.Tree{}, err
	}
	verifiers := []note.Verifier{verifier}
	for _, text := range witnesses {
		witness, err := newCosigner(text)
		if err != nil {
			return nil, tlog.Tree{}, err
		}
		verifiers = append(verifiers, witness)
	}
	signed, err := r.get("checkpoint")
	if err != nil {
		return nil, tlog.Tree{}, err
	}
	opened, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil {
		return nil, tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		return nil, tlog.Tree{}, fmt.Errorf("unexpected text %q", opened.Text)
	}
	var size int64
	if _, err := fmt.Sscanf(lines[1], "%d", &size); err != nil {
		return nil, tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return nil, tlog.Tree{}, err
	}
	found := &result{Size: size, Root: root}
	// What is verified only: Open leaves out whatever no given key made, and refuses what one of them did not make.
	isSigner := map[string]bool{}
	for _, signature := range opened.Sigs {
		isSigner[signature.Name] = true
	}
	for _, each := range verifiers {
		if !isSigner[each.Name()] {
			return nil, tlog.Tree{}, fmt.Errorf("no signature of %s", each.Name())
		}
		if each != verifier {
			found.Cosigners = append(found.Cosigners, each.Name())
		}
	}
	for _, signature := range append(opened.Sigs, opened.UnverifiedSigs...) {
		found.Signers = append(found.Signers, signature.Name)
	}
	return found, tlog.Tree{N: size, Hash: root}, nil
}

// records proves every entry of the log by itself, from what the tiles hold.
func (r *remote) records(tree tlog.Tree, hashes tlog.HashReader, found *result) error {
	for first := int64(0); first < tree.N; first += 1 << tileHeight {
		width := tree.N - first
		if width > 1<<tileHeight {
			width = 1 << tileHeight
		}
		bundle := tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: int(width)}
		bytes, err := r.get(pathOf(bundle))
		if err != nil {
			return err
		}
		for index := first; index < first+width; index++ {
			if len(bytes) < 2 || len(bytes) < 2+int(binary.BigEndian.Uint16(bytes)) {
				return fmt.Errorf("entry %d is cut off", index)
			}
			end := 2 + int(binary.BigEndian.Uint16(bytes))
			record := bytes[2:end]
			bytes = bytes[end:]
			proof, err := tlog.ProveRecord(tree.N, index, hashes)
			if err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
			if err := tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record)); err != nil {
				return fmt.Errorf("entry %d: %w", index, err)
			}
			found.Records++
		}
		if len(bytes) != 0 {
			return fmt.Errorf("%d bytes too many after entry %d", len(bytes), first+width-1)
		}
	}
	return nil
}

// Height implements tlog.TileReader.
func (r *remote) Height() int { return tileHeight }

// ReadTiles implements tlog.TileReader.
func (r *remote) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		bytes, err := r.get(pathOf(tile))
		if err != nil {
			return nil, err
		}
		all = append(all, bytes)
	}
	return all, nil
}

// SaveTiles implements tlog.TileReader.
func (r *remote) SaveTiles(tiles []tlog.Tile, data [][]byte) {}

// pathOf is Go's path without the height, and with C2SP's name for data.
func pathOf(tile tlog.Tile) string {
	path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight), "tile/", 1)
	return strings.Replace(path, "tile/data/", "tile/entries/", 1)
}
