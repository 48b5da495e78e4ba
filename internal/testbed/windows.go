package testbed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
)

// The recorded events are as evtx_dump writes them. These are the same events as two other
// shippers send them.

// object is a JSON object.
type object = map[string]any

// Reshape turns each {event, ...} line into one whose event has another form.
func Reshape(lines []byte, form func(object) object) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	for line := range bytes.Lines(lines) {
		var rec object
		dec := json.NewDecoder(bytes.NewReader(line))
		dec.UseNumber()
		if err := dec.Decode(&rec); err != nil {
			return nil, err
		}
		ev, ok := at(rec, "event", "Event").(object)
		if !ok {
			return nil, fmt.Errorf("not an event of evtx_dump: %.100s", line)
		}
		rec["event"] = form(ev)
		if err := enc.Encode(rec); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func at(v any, path ...string) any {
	for _, p := range path {
		o, _ := v.(object)
		v = o[p]
	}
	return v
}

// text is a scalar, or the text of an element with attributes.
func text(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case object:
		return text(v["#text"])
	case string:
		return v
	}
	return fmt.Sprint(v)
}

// data is what the provider says: the named values, and those without a name in order.
func data(ev object) (named object, unnamed []any, user bool) {
	named = object{}
	body, _ := at(ev, "EventData").(object)
	if body == nil {
		body, _ = at(ev, "UserData").(object)
		user = body != nil
		for _, v := range body { // one element, of the provider's name
			if inner, ok := v.(object); ok {
				body = inner
			}
		}
	}
	for k, v := range body {
		switch {
		case k == "#attributes":
		case k == "Data" && at(v, "#text") != nil:
			if list, ok := at(v, "#text").([]any); ok {
				unnamed = append(unnamed, list...)
			} else {
				unnamed = append(unnamed, at(v, "#text"))
			}
		default:
			if t, ok := v.(object); ok && t["#text"] != nil {
				v = t["#text"]
			}
			named[k] = v
		}
	}
	return named, unnamed, user
}

// Winlogbeat is the event as Winlogbeat sends it.
func Winlogbeat(ev object) object {
	sys, _ := ev["System"].(object)
	id := text(sys["EventID"])
	code, _ := strconv.Atoi(id)
	win := object{
		"channel": text(sys["Channel"]), "event_id": code, "computer_name": text(sys["Computer"]), "record_id": sys["EventRecordID"],
		"provider_name": text(at(sys, "Provider", "#attributes", "Name")), "api": "wineventlog",
		"process": object{"pid": at(sys, "Execution", "#attributes", "ProcessID"), "thread": object{"id": at(sys, "Execution", "#attributes", "ThreadID")}},
	}
	if guid := text(at(sys, "Provider", "#attributes", "Guid")); guid != "" {
		win["provider_guid"] = "{" + guid + "}"
	}
	if sid := text(at(sys, "Security", "#attributes", "UserID")); sid != "" {
		win["user"] = object{"identifier": sid}
	}
	named, unnamed, user := data(ev)
	for i, v := range unnamed {
		named["param"+strconv.Itoa(i+1)] = v
	}
	if key := map[bool]string{false: "event_data", true: "user_data"}[user]; len(named) > 0 {
		win[key] = texts(named)
	}
	return object{
		"@timestamp": text(at(sys, "TimeCreated", "#attributes", "SystemTime")),
		"agent":      object{"type": "winlogbeat", "version": "8.15.0"},
		"event":      object{"code": id, "kind": "event", "provider": win["provider_name"]},
		"host":       object{"name": text(sys["Computer"])},
		"winlog":     win,
	}
}

// texts are the values as Winlogbeat has them: all as text.
func texts(in object) object {
	out := object{}
	for k, v := range in {
		switch v := v.(type) {
		case nil:
		case object:
			out[k] = texts(v)
		case []any:
			out[k] = v
		default:
			out[k] = fmt.Sprint(v)
		}
	}
	return out
}

// NXLog is the event as NXLog's to_json() sends it: all on one level.
func NXLog(ev object) object {
	sys, _ := ev["System"].(object)
	id, _ := strconv.Atoi(text(sys["EventID"]))
	named, unnamed, _ := data(ev)
	out := maps.Clone(named)
	if len(unnamed) > 0 {
		out["Data"] = unnamed
	}
	maps.Copy(out, object{
		"EventTime": text(at(sys, "TimeCreated", "#attributes", "SystemTime")), "Hostname": text(sys["Computer"]), "EventID": id,
		"SourceName": text(at(sys, "Provider", "#attributes", "Name")), "Channel": text(sys["Channel"]), "RecordNumber": sys["EventRecordID"],
		"SourceModuleName": "eventlog", "SourceModuleType": "im_msvistalog", "EventType": "INFO", "SeverityValue": 2, "Severity": "INFO",
	})
	return out
}
