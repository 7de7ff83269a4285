"""Which names announce a secret: `db_password` and `apiKey` do, `num_tokens` and `sort_key` do not."""

from __future__ import annotations

import functools
import re

_LONGEST_NAME = 200
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One of these anywhere in a name makes it a secret's.
_SECRET = _words(
    "accesskey accesstoken accountkey apikey apikeys apitoken auth authkey authorization authtoken "
    "bearer connectionstring connstr credential credentials creds dsn jwt oauth passcode passphrase "
    "passwd password passwords privatekey pwd secret secretkey secrets"
)
_SECRET_ENDINGS = (
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "authtoken",
    "accesstoken",
    "apitoken",
    "clientsecret",
    "appsecret",
)

# A name is about its last word: a password_length is a length. Neither is `has_password` a password.
_ABOUT = _words(
    "acc accuracy age arn attempts balance budget category changed class classes classification col "
    "cols column columns cost count counts dataset df dim dims dir directory distribution dropout embed "
    "embedding embeddings enabled endpoint entropy error errors exists expiration expires expiry "
    "features field fields file filename files filter folder format freq freqs frequency grid group "
    "head hidden hint host id ids idx index indices kind label labels len length lengths level lifetime "
    "limit loss manager map mask masks max merging method min mixing mode name names num number offset "
    "offsets path paths pattern per policy port pos position positions prefix present price prob "
    "probability probs prompt provider pruning rate ratio regex required reset reuse scheme score "
    "scores set shift shifts size sizes sock span spans status strategy strength suffix sum timeout ttl "
    "type types uri url urls usage used valid validity vector vectors version vocab weight weights "
    "width"
)
_COUNTED = _words("n num has is no count counts max min total avg mean requires allow show hide with without")

# What a `token` is in a language model rather than a key to a service.
_TEXT_TOKEN = _words(
    "added additional attention audio bad begin beginning boi bos byte char class cls common completion "
    "cross current decoder delimiter drop encoder end eoi eom eos eot fim first forced generated image "
    "input lang language last latent least mask masked mem memory middle most next noise oov output pad "
    "padding patch per prefix prev previous prompt query rare register self sep separator sos sot "
    "source special speech src start stop subword suffix suppress target text tgt think thinking "
    "timestamp unk unknown video vision visual word"
)
# A `key` opens something only together with one of these right before it.
_KEY_OF = _words(
    "access account admin aes algolia anthropic api app auth aws azure cohere comet consumer datadog "
    "decryption deepseek deploy encrypt encryption fernet gcp gemini google groq hf hmac huggingface "
    "jwt langchain langsmith license mailgun master mistral neptune openai openrouter pinecone private "
    "replicate rsa secret sendgrid serpapi session shared signing ssh storage stripe subscription "
    "tavily together twilio wandb"
)
# Likewise `tokens` in the plural, which are mostly pieces of text.
_TOKENS_OF = _words("access api auth refresh bearer session oauth secret github gitlab hf slack")
# `pass` is a password after these, elsewhere a pass over the data or of a filter.
_PASS_OF = _words(
    "admin db email ftp http ldap login mail mongo mq mysql pg postgres proxy redis root sftp smtp ssh "
    "sudo user"
)


@functools.lru_cache(maxsize=8192)
def is_secret_name(name: str) -> bool:
    """Tell whether a name announces that its value is a secret.

    Parameters
    ----------
    name : str
        A parameter, key, column, variable or environment variable, in any spelling.

    Returns
    -------
    bool
        True if the value must not be written down.

    Examples
    --------
    >>> [is_secret_name(name) for name in ("db_password", "apiKey", "HF_TOKEN", "x-api-key")]
    [True, True, True, True]
    >>> [is_secret_name(name) for name in ("num_tokens", "tokenizer", "sort_key", "password_length")]
    [False, False, False, False]
    """
    words = [word.lower() for word in _WORD.findall(name[-_LONGEST_NAME:])]
    if not words:
        return False
    if words[-3:] == ["access", "key", "id"]:
        return True
    if words[-1] in _ABOUT or words[0] in _COUNTED:
        return False
    return any(_announces(words, place) for place in range(len(words)))


def _announces(words: list[str], place: int) -> bool:
    word, before = words[place], words[place - 1] if place else ""
    match word:
        case "token":
            return _TEXT_TOKEN.isdisjoint(words)
        case "tokens":
            return before in _TOKENS_OF
        case "key" | "keys":
            return before in _KEY_OF
        case "string" | "str":
            return before in ("connection", "conn")
        case "pass" | "pw":
            return len(words) == 1 or (place == len(words) - 1 and (word == "pw" or before in _PASS_OF))
    return word in _SECRET or word.endswith(_SECRET_ENDINGS)
