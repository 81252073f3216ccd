//go:build tools

// Package tools keeps h2spec in go.mod; nothing here is compiled.
package tools

import _ "github.com/summerwind/h2spec/cmd/h2spec"
