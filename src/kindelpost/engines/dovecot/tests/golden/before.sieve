# What the filter marked goes to Junk (P3). The mark is ours: the edge removes a sender's own (T16).
require ["fileinto", "mailbox"];
if header :is "X-Spam" "Yes" {
  fileinto :create "Junk";
  stop;
}
