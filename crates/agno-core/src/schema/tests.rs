use schemars::JsonSchema;
use serde_json::{Value, json};

use super::{Schema, parse::validate};

fn message(schema: Value, instance: Value) -> String {
    match Schema::parse(schema).unwrap().check(&instance) {
        Ok(()) => "fits".to_owned(),
        Err(violations) => violations.to_string(),
    }
}

fn weather() -> Value {
    json!({
        "type": "object",
        "properties": {
            "city": { "type": "string", "minLength": 1 },
            "units": { "enum": ["c", "f"] },
            "days": { "type": "integer", "minimum": 1, "maximum": 14 },
        },
        "required": ["city"],
        "additionalProperties": false,
    })
}

#[test]
fn messages_say_what_would_be_right() {
    for (arguments, expected) in [
        (json!({ "city": "Oslo", "units": "c", "days": 3.0 }), "fits"),
        (json!({}), "`/city`: missing"),
        (
            json!({ "city": "Oslo", "units": "kelvin" }),
            r#"`/units`: "kelvin" is not one of "c", "f""#,
        ),
        (
            json!({ "city": "Oslo", "days": "3" }),
            "`/days`: expected integer, got string",
        ),
        (
            json!({ "city": "", "day": 3, "zip": 1, "days": 0 }),
            "`/city`: too short: at least 1 characters, got 0; `/days`: must be at least 1, got 0; \
             `/day`: unknown property; did you mean `days`?; \
             `/zip`: unknown property; known: `city`, `units`, `days`",
        ),
        (json!(["Oslo"]), "expected object, got array"),
    ] {
        assert_eq!(message(weather(), arguments), expected);
    }
}

#[test]
fn null_leaves_an_optional_property_out() {
    assert_eq!(
        message(weather(), json!({ "city": "Oslo", "days": null })),
        "fits"
    );
    assert_eq!(
        message(weather(), json!({ "city": null })),
        "`/city`: expected string, got null"
    );
}

#[test]
fn paths_are_json_pointers() {
    let schema = json!({ "properties": { "a/b": { "items": { "type": "string" } } } });
    assert_eq!(
        message(schema, json!({ "a/b": ["x", 1] })),
        "`/a~1b/1`: expected string, got integer"
    );
}

#[test]
fn the_alternative_that_was_meant_is_explained() {
    #[derive(JsonSchema)]
    #[serde(tag = "shape", rename_all = "snake_case")]
    #[expect(dead_code, reason = "only the schema is used")]
    enum Shape {
        Circle { radius: f64 },
        Square { side: f64 },
    }
    let schema = Schema::of::<Shape>().value().clone();
    for (shape, expected) in [
        (json!({ "shape": "circle", "radius": 1 }), "fits"),
        (json!({ "shape": "circle" }), "`/radius`: missing"),
        (
            json!({ "radius": 1 }),
            r#"`/shape`: missing; one of "circle", "square""#,
        ),
        (
            json!({ "shape": "cube" }),
            r#"`/shape`: "cube" is not one of "circle", "square""#,
        ),
        (
            json!("circle"),
            "expected object with `shape`, `radius` or object with `shape`, `side`, got string",
        ),
    ] {
        assert_eq!(message(schema.clone(), shape), expected);
    }
    let either =
        json!({ "anyOf": [{ "type": "string" }, { "type": "object", "required": ["id"] }] });
    assert_eq!(
        message(either.clone(), json!(1)),
        "expected string or object with `id`, got integer"
    );
    assert_eq!(message(either, json!({})), "`/id`: missing");
    let described = json!({ "oneOf": [{ "const": "a", "description": "x" }, { "const": "b" }] });
    assert_eq!(
        message(described, json!("c")),
        r#""c" is not one of "a", "b""#
    );
}

#[test]
fn only_some_violations_are_kept() {
    let schema = json!({ "items": { "type": "string" } });
    let violations = Schema::new(schema)
        .check(&json!((0..20).collect::<Vec<_>>()))
        .unwrap_err();
    assert_eq!((violations.iter().count(), violations.more()), (8, 12));
    assert!(violations.to_string().ends_with("; and 12 more"));
}

#[test]
fn long_values_are_cut() {
    let text = message(json!({ "const": "a" }), json!("é".repeat(10_000)));
    assert!(text.len() < 200, "{text}");
}

#[test]
fn mistakes_in_schemas_are_found() {
    for (schema, expected) in [
        (
            json!([]),
            "not a JSON Schema: must be an object or a boolean, is array",
        ),
        (
            json!({ "properties": { "n": { "type": "int" } } }),
            "not a JSON Schema: `/properties/n/type` names no type: `int`; there are null, \
             boolean, integer, number, string, array or object",
        ),
        (
            json!({ "type": "strnig" }),
            "not a JSON Schema: `/type` names no type: `strnig`; did you mean `string`?",
        ),
        (
            json!({ "$ref": "#/$defs/City" }),
            "not a JSON Schema: `/$ref` refers to `#/$defs/City`, which is not there",
        ),
        (
            json!({ "$ref": "https://example.com/city.json" }),
            "not a JSON Schema: `/$ref` refers to `https://example.com/city.json`, outside of \
             this schema: copy what it means to `$defs`",
        ),
        (
            json!({ "properties": { "city": { "type": "string", "required": true } } }),
            "not a JSON Schema: `/properties/city/required` must be an array of property names; \
             it belongs beside `properties`, not inside a property",
        ),
        (
            json!({ "minLength": -1 }),
            "not a JSON Schema: `/minLength` must be a whole number, not below 0",
        ),
        (
            json!({ "$ref": "#/other", "other": { "items": 3 } }),
            "not a JSON Schema: `/$ref/items` must be an object or a boolean, is integer",
        ),
    ] {
        assert_eq!(validate(&schema).unwrap_err().to_string(), expected);
    }
}

#[test]
fn recursive_schemas_are_fine() {
    let tree = json!({
        "type": "object",
        "properties": { "children": { "type": "array", "items": { "$ref": "#" } } },
        "required": ["children"],
        "additionalProperties": false,
    });
    assert_eq!(
        message(tree.clone(), json!({ "children": [{ "children": [] }] })),
        "fits"
    );
    assert_eq!(
        message(tree.clone(), json!({ "children": [{}] })),
        "`/children/0/children`: missing"
    );
    assert_eq!(Schema::new(tree).sample(), json!({ "children": [] }));
}

#[test]
fn endless_schemas_come_to_an_end() {
    for schema in [
        json!({ "$ref": "#" }),
        json!({ "anyOf": [{ "$ref": "#" }, { "$ref": "#" }] }),
        json!({ "oneOf": [{ "$ref": "#" }, { "$ref": "#" }, { "$ref": "#" }] }),
        json!({ "allOf": [{ "$ref": "#" }, { "$ref": "#" }] }),
        json!({ "not": { "$ref": "#" } }),
        json!({ "if": { "$ref": "#" }, "then": { "$ref": "#" }, "else": { "$ref": "#" } }),
        json!({ "properties": { "a": { "$ref": "#" } }, "required": ["a"] }),
        json!({ "minItems": 1e18, "items": { "$ref": "#" } }),
        json!({ "minLength": 1e18 }),
        json!({ "minimum": 9e37, "multipleOf": 99e36 }),
        json!({ "maximum": -1e300, "multipleOf": 3 }),
        json!({ "minimum": 1e300, "maximum": -1e300 }),
        json!({ "minProperties": 1e18, "propertyNames": { "enum": ["a"] } }),
        json!({ "minItems": 999, "uniqueItems": true, "items": { "type": "boolean" } }),
    ] {
        let schema = Schema::parse(schema).unwrap();
        let _ = schema.check(&json!({ "a": 1 }));
        let _ = schema.check(&schema.sample());
    }
    assert!(
        Schema::new(json!({ "$ref": "#" }))
            .check(&json!(1))
            .is_err()
    );
}

#[test]
fn unchecked_schemas_do_not_pass_silently() {
    assert_eq!(
        Schema::new(json!({ "$ref": "#/gone" }))
            .check(&json!(1))
            .unwrap_err()
            .to_string(),
        "can't be checked: the schema refers to `#/gone`, which is not in it"
    );
}

#[test]
fn types_have_plain_schemas() {
    #[derive(JsonSchema)]
    #[serde(rename_all = "lowercase")]
    #[expect(dead_code, reason = "only the schema is used")]
    enum Units {
        Celsius,
        Fahrenheit,
    }
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only the schema is used")]
    struct Place {
        /// The title of the place.
        title: String,
    }
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only the schema is used")]
    struct Arguments {
        /// Where.
        place: Place,
        /// Maybe elsewhere.
        other: Option<Place>,
        units: Option<Units>,
        days: Option<u32>,
        scores: Vec<f64>,
    }
    assert_eq!(
        Schema::of::<Arguments>().value(),
        &json!({
            "type": "object",
            "properties": {
                "place": {
                    "description": "Where.",
                    "type": "object",
                    "properties": {
                        "title": { "description": "The title of the place.", "type": "string" },
                    },
                    "required": ["title"],
                },
                "other": {
                    "description": "Maybe elsewhere.",
                    "type": "object",
                    "properties": {
                        "title": { "description": "The title of the place.", "type": "string" },
                    },
                    "required": ["title"],
                },
                "units": { "type": "string", "enum": ["celsius", "fahrenheit"] },
                "days": { "type": "integer", "minimum": 0 },
                "scores": { "type": "array", "items": { "type": "number" } },
            },
            "required": ["place", "scores"],
        })
    );
}

#[test]
fn recursive_types_keep_their_references() {
    #[derive(JsonSchema)]
    #[expect(dead_code, reason = "only the schema is used")]
    struct Tree {
        children: Vec<Tree>,
    }
    let schema = Schema::of::<Tree>();
    validate(schema.value()).unwrap();
    schema
        .check(&json!({ "children": [{ "children": [] }] }))
        .unwrap();
    assert!(schema.check(&json!({ "children": [{}] })).is_err());
    schema.check(&schema.sample()).unwrap();
}

#[test]
fn samples_are_small_and_fit() {
    for (schema, expected) in [
        (weather(), json!({ "city": "a" })),
        (json!({ "type": "integer", "minimum": 3 }), json!(3)),
        (
            json!({ "type": "integer", "exclusiveMaximum": 0 }),
            json!(-1),
        ),
        (
            json!({ "type": "integer", "minimum": 1, "multipleOf": 7 }),
            json!(7),
        ),
        (
            json!({ "type": "integer", "multipleOf": 2.5, "exclusiveMinimum": 1 }),
            json!(5),
        ),
        (
            json!({ "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1 }),
            json!(0.5),
        ),
        (json!({ "type": ["null", "string"] }), json!("a")),
        (json!({ "type": "string", "minLength": 3 }), json!("aaa")),
        (
            json!({ "type": "string", "format": "date" }),
            json!("2000-01-01"),
        ),
        (
            json!({ "type": "array", "items": { "type": "integer" }, "minItems": 3, "uniqueItems": true }),
            json!([0, 1, 2]),
        ),
        (
            json!({ "type": "array", "prefixItems": [{ "type": "string" }, { "const": 7 }], "minItems": 2 }),
            json!(["a", 7]),
        ),
        (
            json!({ "allOf": [{ "minimum": 2 }, { "type": "number" }, { "type": "integer", "minimum": 5 }] }),
            json!(5),
        ),
        (
            json!({ "type": "object", "oneOf": [
                { "properties": { "kind": { "const": "x" } }, "required": ["kind"] },
            ] }),
            json!({ "kind": "x" }),
        ),
        (json!({ "contains": { "type": "string" } }), json!(["a"])),
        (
            json!({ "if": { "type": "null" }, "then": false, "else": { "type": "string" } }),
            json!("a"),
        ),
        (json!({ "enum": ["x", 1], "type": "integer" }), json!(1)),
    ] {
        let schema = Schema::parse(schema).unwrap();
        assert_eq!(schema.sample(), expected, "{}", schema.text());
        schema.check(&expected).unwrap();
    }
}
