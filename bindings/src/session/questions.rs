//! The engine's questions, in the app's words, and the app's answers in the engine's.

use adit_crypto::{HashId, Secret, SignatureScheme};
use adit_ike::Question as Asked;

use crate::{Answer, Question};

/// What the app is asked; `None` for what only a gateway is.
pub(super) fn for_app(question: Asked) -> Option<Question> {
    Some(match question {
        Asked::Lease(_) => return None,
        Asked::Sign(request) => {
            Question::Sign { key: request.key, scheme: scheme(request.scheme), message: request.message }
        }
        Asked::JudgeChain(request) => Question::JudgeChain {
            certificates: request.certificates,
            identity: request.identity.to_string(),
        },
        Asked::Password(request) => Question::Password {
            username: request.username,
            attempt: request.attempt,
            refusal: request.refusal,
        },
    })
}

/// What the engine is answered: `answer` fits `question` already.
pub(super) fn for_engine(question: &Question, answer: Answer) -> Option<adit_ike::Answer> {
    Some(match (question, answer) {
        (Question::Sign { .. }, Answer::Signature { bytes }) => adit_ike::Answer::Signature(Ok(bytes)),
        (Question::Sign { .. }, Answer::Refused { reason }) => adit_ike::Answer::Signature(Err(reason)),
        (Question::JudgeChain { .. }, Answer::Done) => adit_ike::Answer::Chain(Ok(())),
        (Question::JudgeChain { .. }, Answer::Refused { reason }) => adit_ike::Answer::Chain(Err(reason)),
        (Question::Password { .. }, Answer::Refused { .. }) => adit_ike::Answer::Credentials(None),
        (Question::Password { username: known, .. }, Answer::Password { username, password }) => {
            let username = username.or_else(|| known.clone())?;
            adit_ike::Answer::Credentials(Some((username, Secret::new(password.into_bytes()))))
        }
        _ => return None,
    })
}

/// The name of a scheme.
fn scheme(scheme: SignatureScheme) -> String {
    let hash = |hash: HashId| match hash {
        HashId::SHA1 => "sha1".to_owned(),
        HashId::SHA2_256 => "sha256".to_owned(),
        HashId::SHA2_384 => "sha384".to_owned(),
        HashId::SHA2_512 => "sha512".to_owned(),
        other => other.to_string().to_lowercase(),
    };
    match scheme {
        SignatureScheme::RsaPkcs1(id) => format!("rsa-pkcs1-{}", hash(id)),
        SignatureScheme::RsaPss(id) => format!("rsa-pss-{}", hash(id)),
        SignatureScheme::Ecdsa(id, _) => format!("ecdsa-{}", hash(id)),
        SignatureScheme::Ed25519 => "ed25519".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use adit_crypto::EcdsaEncoding;

    use super::*;

    #[test]
    fn schemes_have_names_that_key_stores_know() {
        assert_eq!(scheme(SignatureScheme::RsaPkcs1(HashId::SHA1)), "rsa-pkcs1-sha1");
        assert_eq!(scheme(SignatureScheme::RsaPss(HashId::SHA2_384)), "rsa-pss-sha384");
        assert_eq!(scheme(SignatureScheme::Ecdsa(HashId::SHA2_256, EcdsaEncoding::Der)), "ecdsa-sha256");
        assert_eq!(scheme(SignatureScheme::Ed25519), "ed25519");
    }

    #[test]
    fn a_user_name_comes_from_the_answer_else_from_the_question() {
        let asked = |username: Option<&str>| Question::Password {
            username: username.map(Into::into),
            attempt: 0,
            refusal: None,
        };
        let answer = |username: Option<&str>| Answer::Password {
            username: username.map(Into::into),
            password: "p".into(),
        };
        let given = |question, answer| match for_engine(&question, answer) {
            Some(adit_ike::Answer::Credentials(Some((name, _)))) => Some(name),
            _ => None,
        };
        assert_eq!(given(asked(Some("alice")), answer(None)).as_deref(), Some("alice"));
        assert_eq!(given(asked(Some("alice")), answer(Some("bob"))).as_deref(), Some("bob"));
        assert_eq!(given(asked(None), answer(None)), None);
    }
}
