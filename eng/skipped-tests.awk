# Reads results of tests (.trx) and prints each test that was skipped, with its reason: "NAME: REASON".
function plain(text) {
  gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text); gsub(/&quot;/, "\"", text); gsub(/&apos;/, "'", text); gsub(/&#xD;/, "", text); gsub(/&#xA;/, " ", text); gsub(/&amp;/, "\\&", text)
  return text
}

/<UnitTestResult / {
  name = ""
  if (/outcome="NotExecuted"/ && match($0, / testName="[^"]*"/)) name = plain(substr($0, RSTART + 11, RLENGTH - 12))
}

name != "" && match($0, /<(StdOut|Message)>[^<]*/) {
  reason = substr($0, RSTART, RLENGTH)
  sub(/^<[A-Za-z]*>/, "", reason)
  print name ": " plain(reason)
  name = ""
}
