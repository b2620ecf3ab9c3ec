using System.Globalization;
using Basalt.Records;

namespace Basalt.Expressions;

/// <summary>
/// Arithmetic on numbers. Two integers give an integer, but their quotient is always a double; with a decimal and no double the result is a
/// decimal; with a double it is a double. Overflow, also of doubles to infinity, and division by zero are errors.
/// </summary>
internal sealed class ArithmeticExpression(Expression left, char operation, Expression right) : Expression
{
    public override Value Evaluate(Record record)
    {
        var a = left.Evaluate(record);
        var b = right.Evaluate(record);
        if (a.IsNull || b.IsNull) return default;
        if (!a.IsNumber || !b.IsNumber) throw NotNumber(a.IsNumber ? b : a);
        try
        {
            if (a.Kind == ValueKind.Double || b.Kind == ValueKind.Double) return OfDoubles(Floating(a), Floating(b));
            if (a.Kind == ValueKind.Decimal || b.Kind == ValueKind.Decimal) return OfDecimals(Exact(a), Exact(b));
            return OfIntegers(a.AsInt64, b.AsInt64);
        }
        catch (OverflowException e)
        {
            throw Refused($"{a} {operation} {b} overflows", e);
        }
        catch (DivideByZeroException e)
        {
            throw Refused($"{a} {operation} {b} divides by zero", e);
        }
    }

    private Value OfIntegers(long a, long b)
    {
        // Apart from the others: one switch over both would make every integer a double.
        if (operation == '/') return b == 0 ? throw new DivideByZeroException() : Value.From((double)a / b);
        return operation switch
        {
            '+' => checked(a + b),
            '-' => checked(a - b),
            '*' => checked(a * b),
            // The machine's instruction overflows on the least integer and -1.
            _ => b == -1 ? 0 : a % b,
        };
    }

    private Value OfDecimals(decimal a, decimal b) => operation switch
    {
        '+' => a + b,
        '-' => a - b,
        '*' => a * b,
        '/' => a / b,
        _ => a % b,
    };

    private Value OfDoubles(double a, double b)
    {
        if (operation is '/' or '%' && b == 0) throw new DivideByZeroException();
        var result = operation switch
        {
            '+' => a + b,
            '-' => a - b,
            '*' => a * b,
            '/' => a / b,
            _ => a % b,
        };
        if (!double.IsFinite(result) && double.IsFinite(a) && double.IsFinite(b)) throw new OverflowException();
        return result;
    }

    private BasaltException NotNumber(Value value) =>
        Refused($"'{operation}' needs numbers, not {value.Kind} {Show(value)}{(operation == '+' && value.Kind == ValueKind.String ? "; '||' joins text" : "")}");

    private static decimal Exact(Value value) => value.Kind == ValueKind.Decimal ? value.AsDecimal : value.AsInt64;

    private static double Floating(Value value) => value.Kind switch
    {
        ValueKind.Double => value.AsDouble,
        ValueKind.Int64 => value.AsInt64,
        _ => double.Parse(value.AsDecimal.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture),
    };
}

internal sealed class NegationExpression(Expression inner) : Expression
{
    public override Value Evaluate(Record record)
    {
        var value = inner.Evaluate(record);
        return value.Kind switch
        {
            ValueKind.Null => default,
            ValueKind.Int64 when value.AsInt64 == long.MinValue => throw Refused($"-({value}) overflows"),
            ValueKind.Int64 => -value.AsInt64,
            ValueKind.Double => -value.AsDouble,
            ValueKind.Decimal => -value.AsDecimal,
            _ => throw Refused($"'-' needs a number, not {value.Kind} {Show(value)}"),
        };
    }
}
