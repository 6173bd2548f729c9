//! Samples fit, and no schema makes the checker panic or hang.

use agno_core::Schema;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Schemas that can be satisfied.
fn satisfiable() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(json!({ "type": "boolean" })),
        Just(json!({ "type": "null" })),
        Just(json!(true)),
        (0_usize..8, 0_usize..8)
            .prop_map(|(least, more)| json!({ "type": "string", "minLength": least, "maxLength": least + more })),
        (-50_i64..50, 0_i64..50)
            .prop_map(|(least, more)| json!({ "type": "integer", "minimum": least, "maximum": least + more })),
        (-50_i64..50, 1_i64..20).prop_map(
            |(least, step)| json!({ "type": "integer", "exclusiveMinimum": least, "multipleOf": step })
        ),
        (-5.0_f64..5.0, 0.01_f64..5.0).prop_map(
            |(least, more)| json!({ "type": "number", "exclusiveMinimum": least, "exclusiveMaximum": least + more })
        ),
        prop::collection::vec("[a-z]{1,5}", 1..5).prop_map(|words| json!({ "enum": words })),
        (0..100).prop_map(|only| json!({ "const": only })),
        Just(json!({ "$ref": "#/$defs/word" })),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        let properties = prop::collection::btree_map("[a-e]", (inner.clone(), any::<bool>()), 0..5);
        prop_oneof![
            (properties.clone(), any::<bool>(), 0_usize..3)
                .prop_map(|(properties, closed, more)| object(properties, closed, more)),
            (inner.clone(), 0_usize..4)
                .prop_map(|(items, least)| json!({ "type": "array", "items": items, "minItems": least })),
            (prop::collection::vec(inner.clone(), 1..4))
                .prop_map(|all| json!({ "type": "array", "minItems": all.len(), "prefixItems": all })),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|any| json!({ "anyOf": any })),
            (inner.clone(), inner.clone())
                .prop_map(|(one, other)| json!({ "oneOf": [
                    { "type": "object", "properties": { "kind": { "const": "one" }, "value": one }, "required": ["kind", "value"] },
                    { "type": "object", "properties": { "kind": { "const": "other" }, "value": other }, "required": ["kind"] },
                ] })),
            inner.prop_map(|schema| json!({ "allOf": [schema, { "description": "x" }] })),
        ]
    })
}

fn object(
    properties: std::collections::BTreeMap<String, (Value, bool)>,
    closed: bool,
    more: usize,
) -> Value {
    let required: Vec<_> = properties
        .iter()
        .filter(|(_, (_, required))| *required)
        .map(|(name, _)| name.clone())
        .collect();
    let least = if closed {
        properties.len()
    } else {
        required.len() + more
    };
    let properties: Map<String, Value> = properties
        .into_iter()
        .map(|(name, (schema, _))| (name, schema))
        .collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "minProperties": least,
        "additionalProperties": !closed,
    })
}

/// Anything that looks like a schema.
fn hostile() -> impl Strategy<Value = Value> {
    let keyword = prop::sample::select(vec![
        "type",
        "properties",
        "required",
        "items",
        "prefixItems",
        "additionalProperties",
        "enum",
        "const",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
        "if",
        "then",
        "else",
        "$ref",
        "$defs",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "multipleOf",
        "minLength",
        "maxLength",
        "minItems",
        "maxItems",
        "uniqueItems",
        "contains",
        "minContains",
        "minProperties",
        "propertyNames",
        "dependentRequired",
        "dependentSchemas",
        "nullable",
        "format",
        "a",
    ]);
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        (-3_i64..5).prop_map(Value::from),
        Just(Value::Null),
        prop::sample::select(vec![
            "string",
            "integer",
            "number",
            "object",
            "array",
            "null",
            "#",
            "#/$defs/a",
            "#/%",
            "date",
            "",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(keyword.clone(), inner, 0..6).prop_map(|map| {
                map.into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn samples_fit(schema in satisfiable()) {
        let whole = json!({
            "type": "object",
            "properties": { "value": schema },
            "required": ["value"],
            "$defs": { "word": { "type": "string" } },
        });
        let schema = Schema::parse(whole).unwrap();
        let sample = schema.sample();
        prop_assert_eq!(schema.check(&sample), Ok(()), "{}", sample);
        prop_assert_eq!(schema.sample(), sample);
    }

    #[test]
    fn hostile_schemas_do_no_harm(schema in hostile(), instance in hostile()) {
        let _ = Schema::parse(schema.clone());
        let schema = Schema::new(schema);
        if let Err(violations) = schema.check(&instance) {
            prop_assert!(violations.iter().count() > 0);
        }
        let _ = schema.check(&schema.sample());
    }
}
