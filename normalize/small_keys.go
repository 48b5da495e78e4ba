package normalize

import (
	"regexp"
	"strings"
	"sync"

	"sluice/event"
	"sluice/internal/jsontape"
)

// Athena, Hive, Redshift and Glue write the keys of a record in small letters: eventname, useridentity.
// Where nobody knows an object that has no capital in its keys, and somebody knows it with the keys as its
// device writes them, that form is read in its place.

// smallKeys recognizes such objects by the rules over objects of all packs, with their keys in small letters.
type smallKeys struct {
	once    sync.Once
	objects objects
}

// everyday are names that are written as one word in small letters by many, too.
var everyday = wordSet("username hostname timestamp filename filepath userid eventtype eventid eventtime useragent sourceip destinationip clientip deviceid devicename ipaddress logname logtype loglevel requestid sessionid threadname accountid eventname createdat updatedat userinfo computername starttime endtime processname tenantid messageid")

// of readies the rules.
func (l *smallKeys) of(packs []*pack) *objects {
	l.once.Do(func() {
		for _, p := range packs {
			for _, ru := range p.recognize {
				if claims := small(ru.json); claims != nil && !p.generic {
					l.objects.add(p, claims)
				}
			}
		}
		l.objects.build()
	})
	return &l.objects
}

// small is what a rule says of an object, in small letters; nil where that would tell too little.
func small(claims []jsonClaim) []jsonClaim {
	var out []jsonClaim
	telling := 0
	for _, c := range claims {
		path := make([]string, len(c.path))
		for i, key := range c.path {
			path[i] = strings.ToLower(key)
			if humped(key) && !everyday[path[i]] {
				telling++
			}
		}
		if c.path = path; c.how != claimExists {
			telling++
		}
		out = append(out, c)
	}
	if telling < 2 || len(out) < 2 {
		return nil
	}
	return out
}

// humped says whether a name is of several words, told apart by their capitals.
func humped(key string) bool {
	for i := 1; i < len(key); i++ {
		if key[i]-'A' < 26 && key[i-1]-'a' < 26 {
			return true
		}
	}
	return false
}

// raise looks at an object without capitals in its keys with the keys of a pack that knows it so.
func (w *Worker) raise(obj jsontape.Value, last *pack) *pack {
	if w.cutOff != "" {
		return nil
	}
	n := 0
	for v := obj.First(); v.OK() && n < maxFlattened; v = v.Next() {
		n++
		for i, key := 0, v.Key(); i < len(key); i++ {
			if key[i]-'A' < 26 {
				return nil
			}
		}
	}
	if n < 3 {
		return nil
	}
	p := w.engine.lowered.of(w.engine.packs).find(obj, last, &w.low)
	if p == nil {
		return nil
	}
	was := w.head.Message
	for _, names := range p.keyNames() {
		w.head.Message = view(appendRaised(nil, obj, names, 0))
		if q := w.engine.recog.find(&w.head, w.object(), last, &w.look); q != nil && !q.generic {
			w.unfolded = nestedForm{was, w.head.Message}
			return q
		}
	}
	w.head.Message = was
	return nil
}

// appendRaised writes an object with its keys as names has them.
func appendRaised(dst []byte, v jsontape.Value, names map[string]string, depth int) []byte {
	kind := v.Kind()
	if kind < jsontape.Array || depth > maxNested {
		return append(dst, v.Raw()...)
	}
	open, end := byte('['), byte(']')
	if kind == jsontape.Object {
		open, end = '{', '}'
	}
	dst = append(dst, open)
	for v, first := v.First(), true; v.OK(); v, first = v.Next(), false {
		if !first {
			dst = append(dst, ',')
		}
		if kind == jsontape.Object {
			key := v.Key()
			if name, ok := names[key]; ok {
				key = name
			}
			dst = append(event.AppendString(dst, key), ':')
		}
		dst = appendRaised(dst, v, names, depth+1)
	}
	return append(dst, end)
}

// keyNames are the names with capitals that a pack asks for, by the same in small letters: of userName and
// UserName first the one, then the other, as one source writes all of its own alike.
func (p *pack) keyNames() *[2]map[string]string {
	p.namesOnce.Do(func() {
		p.names = [2]map[string]string{{}, {}}
		asIs := map[string]bool{}
		note := func(name string) {
			low := strings.ToLower(name)
			if low == name {
				asIs[name] = true
				return
			}
			style := 0
			if name[0]-'A' < 26 {
				style = 1
			}
			for i := range p.names {
				if p.names[i][low] == "" || i == style && (p.names[i][low][0]-'A' < 26) != (style == 1) {
					p.names[i][low] = name
				}
			}
		}
		for _, ru := range p.recognize {
			for _, c := range ru.json {
				for _, key := range c.path {
					if key != "" {
						note(key)
					}
				}
			}
		}
		for _, at := range keyName.FindAllIndex(p.text, -1) {
			rest := strings.TrimLeft(string(p.text[at[1]:min(at[1]+8, len(p.text))]), "[]\"'")
			if p.text[at[0]] != '_' && rest != "" && (rest[0] == ':' || rest[0] == '.') {
				note(string(p.text[at[0]:at[1]]))
			}
		}
		for name := range asIs { // which of both forms this is nobody knows, but for userName
			for i := range p.names {
				if !humped(p.names[i][name]) {
					delete(p.names[i], name)
				}
			}
		}
	})
	return &p.names
}

// keyName finds in a pack what may be keys of its lines.
var keyName = regexp.MustCompile(`[A-Za-z_][\w-]*`)
