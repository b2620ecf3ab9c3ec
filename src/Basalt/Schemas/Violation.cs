namespace Basalt.Schemas;

/// <summary>How far a value may be converted to the declared type. Neither way loses or invents anything.</summary>
public enum Validation
{
    /// <summary>
    /// For programs and JSON: a number becomes a double or decimal of the same value (JSON does not tell them apart), a list of numbers a vector (each the nearest
    /// float32), and text becomes what JSON can only write as text: a date-time (RFC 3339 with offset), a guid, bytes (base64).
    /// </summary>
    Strict,

    /// <summary>
    /// For text sources such as CSV: also text to number, bool and date-time (UTC where no offset is given), number and bool to text, and
    /// an integral number to int64. Text is only a number when it is written as JSON writes one: <c>007</c>
    /// and <c> 5 </c> stay text.
    /// </summary>
    Lenient,
}

/// <summary>One way in which a record breaks its schema.</summary>
/// <param name="Path">The field, such as <c>address.city</c> or <c>tags[2]</c>.</param>
/// <param name="Rule">
/// The rule, for programs: <c>required</c>, <c>type</c>, <c>undeclared</c>, <c>min</c>, <c>max</c>, <c>minLength</c>, <c>maxLength</c>,
/// <c>pattern</c>, <c>oneOf</c>, <c>email</c>, <c>dimension</c>, <c>finite</c>, <c>unique</c> or <c>check</c>.
/// </param>
/// <param name="Message">What is wrong, as the rest of a sentence that begins with the field.</param>
public sealed record Violation(string Path, string Rule, string Message)
{
    /// <summary>The sentence.</summary>
    public override string ToString() => $"{Path} {Message}";

    /// <summary>The same, one level further out.</summary>
    internal Violation Within(string outer) => this with { Path = Path.Length == 0 || Path[0] == '[' ? outer + Path : $"{outer}.{Path}" };
}
