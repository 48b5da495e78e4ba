package main

import (
	"errors"
	"fmt"
	"os"
	"reflect"

	"github.com/alecthomas/kong"
)

// exact reads arguments and flags byte for byte: kong passes them through JSON, after which a file whose
// name is no UTF-8, as a glob of the shell finds it, has another name and is not there.
func exact() kong.Option {
	options := []kong.Option{kong.KindMapper(reflect.String, kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
		text, err := word(ctx.Scan)
		if err == nil {
			target.SetString(text)
		}
		return err
	}))}
	for name, check := range map[string]func(path string, info os.FileInfo) error{
		"path": nil,
		"existingfile": func(path string, info os.FileInfo) error {
			if info.IsDir() {
				return fmt.Errorf("%s is a directory: name the files in it", path)
			}
			return nil
		},
		"existingdir": func(path string, info os.FileInfo) error {
			if !info.IsDir() {
				return fmt.Errorf("%s is no directory", path)
			}
			return nil
		},
	} {
		options = append(options, kong.NamedMapper(name, pathMapper(check)))
	}
	return kong.OptionFunc(func(k *kong.Kong) error {
		for _, o := range options {
			if err := o.Apply(k); err != nil {
				return err
			}
		}
		return nil
	})
}

// word is the next argument as it was typed.
func word(scan *kong.Scanner) (string, error) {
	token, err := scan.PopValue("text")
	if err != nil {
		return "", err
	}
	text, ok := token.Value.(string)
	if !ok {
		text = fmt.Sprint(token.Value)
	}
	return text, nil
}

// pathMapper reads one path or a list of them; with check each must be there and pass it.
func pathMapper(check func(path string, info os.FileInfo) error) kong.MapperFunc {
	one := func(path string) (string, error) {
		switch path {
		case "-":
			return path, nil
		case "": // as of a variable of the shell that is not set
			return "", errors.New("the name is empty")
		}
		path = kong.ExpandPath(path)
		if check == nil {
			return path, nil
		}
		info, err := os.Stat(path)
		if err == nil {
			err = check(path, info)
		}
		return path, err
	}
	return func(ctx *kong.DecodeContext, target reflect.Value) error {
		if target.Kind() == reflect.String {
			text, err := word(ctx.Scan)
			if err != nil {
				return err
			}
			path, err := one(text)
			if err == nil {
				target.SetString(path)
			}
			return err
		}
		var texts []string
		if ctx.Value.Flag != nil {
			text, err := word(ctx.Scan)
			if err != nil {
				return err
			}
			texts = kong.SplitEscaped(text, ctx.Value.Tag.Sep)
		} else {
			for _, token := range ctx.Scan.PopWhile(func(t kong.Token) bool { return t.IsValue() }) {
				texts = append(texts, fmt.Sprint(token.Value))
			}
		}
		for _, text := range texts {
			path, err := one(text)
			if err != nil {
				return err
			}
			target.Set(reflect.Append(target, reflect.ValueOf(path)))
		}
		return nil
	}
}
