package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
)

const (
	cosignatureType = 0x04
	timeBytes       = 8
)

// cosigner verifies cosignatures of a witness, C2SP tlog-cosignature v1 with Ed25519. It implements note.Verifier.
type cosigner struct {
	name    string
	keyHash uint32
	key     ed25519.PublicKey
}

func newCosigner(text string) (*cosigner, error) {
	parts := strings.SplitN(text, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("no witness key: %q", text)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != cosignatureType {
		return nil, fmt.Errorf("no witness key: %q", text)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	keyHash := binary.BigEndian.Uint32(sum[:])
	if fmt.Sprintf("%08x", keyHash) != parts[1] {
		return nil, fmt.Errorf("the id of the witness key is not its own: %q", text)
	}
	return &cosigner{name: parts[0], keyHash: keyHash, key: key[1:]}, nil
}

func (c *cosigner) Name() string { return c.name }

func (c *cosigner) KeyHash() uint32 { return c.keyHash }

func (c *cosigner) Verify(text, signature []byte) bool {
	if len(signature) != timeBytes+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(signature)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, text)
	return ed25519.Verify(c.key, []byte(signed), signature[timeBytes:])
}
