package dev.yibu.crawler;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jsoup.nodes.Document;
import org.jsoup.nodes.Element;
import org.jsoup.select.Evaluator;
import org.jsoup.select.Selector;

/**
 * What is taken out of each page, besides its title and its links.
 *
 * <p><b>Thread-safety.</b> Immutable.
 */
public final class Extraction {
    private static final Pattern NAME = Pattern.compile("[\\w.-]{1,64}");
    private static final Pattern ATTRIBUTE = Pattern.compile("(.+)@([A-Za-z_][\\w:-]*)", Pattern.DOTALL);
    private static final int MOST_VALUES = 1_000;
    private static final int LONGEST_VALUE = 10_000;
    private static final int LONGEST_TEXT = 1_000_000;
    private static final Extraction NONE = new Extraction(Map.of(), false);

    /** A selector, and the attribute that is wanted of what it selects; empty for its text. */
    private record Field(String written, Evaluator selector, String attribute) {}

    private final Map<String, Field> fields;
    private final boolean text;

    private Extraction(Map<String, Field> fields, boolean text) {
        this.fields = fields;
        this.text = text;
    }

    /**
     * Nothing but title and links.
     *
     * @return the extraction
     */
    public static Extraction none() {
        return NONE;
    }

    /**
     * Selectors with names, as a person typed them.
     *
     * @param selectors of the form {@code name=css} for the text of what the CSS selector finds, or {@code
     *     name=css@attribute} for the values of an attribute
     * @return the extraction
     * @throws IllegalArgumentException if one has another form, is no CSS selector, or two have the same name
     */
    public static Extraction of(Collection<String> selectors) {
        Map<String, Field> fields = new LinkedHashMap<>();
        for (String selector : selectors) {
            int equals = selector.indexOf('=');
            String name = equals < 0 ? "" : selector.substring(0, equals).strip();
            if (!NAME.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "\"" + selector + "\" has to look like name=css, such as price=.price;"
                                + " a name has letters, digits, dots and dashes");
            }
            if (fields.put(name, field(name, selector.substring(equals + 1).strip())) != null) {
                throw new IllegalArgumentException("there are two selectors with the name " + name);
            }
        }
        return new Extraction(Collections.unmodifiableMap(fields), false);
    }

    private static Field field(String name, String written) {
        Matcher matcher = ATTRIBUTE.matcher(written);
        boolean ofAttribute = matcher.matches();
        String css = ofAttribute ? matcher.group(1) : written;
        try {
            return new Field(written, Selector.evaluatorOf(css), ofAttribute ? matcher.group(2) : "");
        } catch (Selector.SelectorParseException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "\"" + css + "\", the selector of " + name + ", is no CSS selector: " + e.getMessage(), e);
        }
    }

    /**
     * This extraction, with or without the text that a reader of the page sees.
     *
     * @param text whether it is wanted
     * @return the extraction
     */
    public Extraction withText(boolean text) {
        return new Extraction(fields, text);
    }

    boolean isNothing() {
        return fields.isEmpty() && !text;
    }

    /** The text of a page if it is wanted, or else an empty one; bounded. */
    String textOf(Document document) {
        return text ? Characters.clean(document.body().text(), LONGEST_TEXT) : "";
    }

    /** The fields of a page in the order of the selectors, each with the values found; bounded. */
    Map<String, List<String>> fieldsOf(Document document) {
        if (fields.isEmpty()) {
            return Map.of();
        }
        Map<String, List<String>> found = new LinkedHashMap<>();
        fields.forEach((name, field) -> {
            List<String> values = new ArrayList<>();
            for (Element element : document.select(field.selector())) {
                if (values.size() == MOST_VALUES) {
                    break;
                }
                String value = field.attribute().isEmpty() ? element.text() : element.attr(field.attribute());
                values.add(Characters.clean(value, LONGEST_VALUE));
            }
            found.put(name, List.copyOf(values));
        });
        return found;
    }

    /** Tells whether two are the same. */
    @Override
    public boolean equals(Object other) {
        return other instanceof Extraction extraction && toString().equals(extraction.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /**
     * Equal for equal extractions.
     *
     * @return the selectors
     */
    @Override
    public String toString() {
        StringBuilder all = new StringBuilder(text ? "text" : "");
        fields.forEach(
                (name, field) -> all.append('\n').append(name).append('=').append(field.written()));
        return all.toString();
    }
}
