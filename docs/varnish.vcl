# Varnish 6 or newer before Depesche. In depesche.toml:
#   cdn_purge_url = "http://127.0.0.1:6081/"        (Varnish itself)
#   cdn_purge_key = "X-Purge-Key: a long secret"    (the same as below)
vcl 4.1;

import std;

backend depesche {
    .host = "127.0.0.1";
    .port = "8000";
}

sub vcl_recv {
    if (req.http.Surrogate-Key) {
        if (req.method != "POST" || req.http.X-Purge-Key != "a long secret") {
            return (synth(403, "Not yours to purge"));
        }
        # What is forgotten is not sent stale either.
        ban("obj.http.Surrogate-Key ~ \b(" + regsuball(req.http.Surrogate-Key, " ", "|") + ")\b");
        return (synth(200, "Forgotten"));
    }
    unset req.http.Surrogate-Control;
    if (req.url ~ "^(/[a-z]{2})?/live(\?|$)") {
        return (pipe);  # events, for as long as the page is open
    }
}

sub vcl_backend_response {
    if (beresp.http.Surrogate-Control ~ "max-age=") {
        set beresp.ttl = std.duration(regsub(beresp.http.Surrogate-Control, "^.*max-age=([0-9]+).*$", "\1s"), 0s);
        set beresp.grace = std.duration(regsub(beresp.http.Surrogate-Control, "^.*stale-while-revalidate=([0-9]+).*$", "\1s"), 0s);
    } elsif (beresp.http.Cache-Control !~ "max-age") {
        set beresp.uncacheable = true;
    }
}

sub vcl_deliver {
    unset resp.http.Surrogate-Key;
    unset resp.http.Surrogate-Control;
    unset resp.http.CDN-Cache-Control;
    unset resp.http.Cache-Tag;
}
